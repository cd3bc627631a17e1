"""What is in and around session stores."""
