"""Probes ask the world one thing each and judge nothing.

One module a subject, named like the evidence module it fills; its `plan(topology, options)` says what it would ask.
"""
