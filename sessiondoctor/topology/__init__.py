"""What the user describes: site, load balancers, nodes, stores, clocks, files."""
