"""The throw-away client: what a browser would send and keep."""
