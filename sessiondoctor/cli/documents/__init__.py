"""Where reports go: standard output and files that are written whole, and what they need, loaded ahead."""
