"""What follows from a diagnosis: exit code, baseline, timeline, clock table."""
