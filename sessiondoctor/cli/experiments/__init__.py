"""Commands that take long, or disturb."""
