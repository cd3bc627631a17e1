"""Load balancers, proxies and gateways."""
