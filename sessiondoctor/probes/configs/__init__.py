"""Configuration files of the declared components."""
