"""Members of in-memory clusters, as each of them tells it."""
