"""Stand-ins of sites, stores and peers."""
