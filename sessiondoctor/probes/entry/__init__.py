"""The public entry and its other entry points."""
