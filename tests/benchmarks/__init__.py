"""Speed, measured beside a peer or the physical limit in one run: `python -m tests.benchmarks.<name>`.

Not tests: absolute times wander, so each prints ratios of medians of interleaved runs. `date_offset` is about accuracy
instead: how far the clocks that a scan reads from real servers are from the truth, and whether it claims no more.
"""
