"""Asks members of in-memory clusters what they know of each other and of their sessions."""
