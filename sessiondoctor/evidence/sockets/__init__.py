"""Connections that clients hold open or make out of several requests."""
