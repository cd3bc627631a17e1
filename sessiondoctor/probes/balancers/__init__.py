"""What balancers report of themselves."""
