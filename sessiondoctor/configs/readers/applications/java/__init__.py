"""Readers of Java servers, frameworks and grids."""
