"""Names and clocks."""
