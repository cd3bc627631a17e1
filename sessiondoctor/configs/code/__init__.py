"""Settings in source code, read and never run: Python by its syntax tree, others by patterns on the text."""
