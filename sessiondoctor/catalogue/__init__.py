"""Checks and causes: loaded by path, validated, read as pages."""
