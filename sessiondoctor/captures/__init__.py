"""Reads captures: what curl, a browser or a proxy recorded, and what stores and balancers printed."""
