"""Speed, measured beside a peer or the physical limit in one run: `python -m tests.benchmarks.<name>`.

Not tests: absolute times wander, so each prints ratios of medians of interleaved runs.
"""
