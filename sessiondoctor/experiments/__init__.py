"""Experiments: what takes long, or disturbs, and is run by a command of its own."""
