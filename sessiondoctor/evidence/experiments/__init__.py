"""What experiments have seen, which take long or disturb."""
