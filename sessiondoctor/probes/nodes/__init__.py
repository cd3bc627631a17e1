"""Nodes asked directly: sessions shown to each of them."""
