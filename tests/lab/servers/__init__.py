"""One module a product: settings, the configuration they become, and how to start it."""
