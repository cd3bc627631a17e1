"""What follows from a diagnosis: exit code, baseline, each client's requests, clock table, diff, bundle."""
