"""Balancers of clouds, as code or as their command lines print them."""
