"""Keys, secrets and tokens of nodes."""
