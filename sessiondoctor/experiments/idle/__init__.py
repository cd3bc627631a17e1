"""The idle ladder: sessions made together, each read once, at its own age; the age at which they end.

`ages` is the arithmetic, `visitors` makes and reads sessions, `ladder` runs them, `declared` reads what cookies, tokens
and stores say of themselves, `state` keeps a run in a file, `result` sums up.
"""
