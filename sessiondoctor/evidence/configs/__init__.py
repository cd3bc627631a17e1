"""What configuration files say: facts by kind, and all of them together."""
