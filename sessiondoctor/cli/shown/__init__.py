"""What the command line shows beside reports: the plan, the rehearsal, how far a scan has come."""
