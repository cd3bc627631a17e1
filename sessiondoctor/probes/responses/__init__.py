"""What responses say: cookies, their roles, which node answered."""
