"""Everything hostile that the program may meet, each met by a process of its own: `python -m tests.benchmarks.zoo`."""
