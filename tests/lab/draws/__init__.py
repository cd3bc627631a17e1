"""Scenarios that chance composes from a seed: nobody has tuned anything to them."""
