"""Real servers on loopback, with session faults as parameters, and the command line let loose on them."""
