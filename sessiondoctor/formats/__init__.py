"""Readers of other people's formats: pure functions from text or bytes to frozen data, no I/O, nothing raised."""
