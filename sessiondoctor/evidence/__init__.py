"""What was seen: frozen, typed, serialisable. One module a subject; the probe of the same module name fills it.

No evidence holds a session id, a cookie value, a key or a password: `sid:3f9a` stands for one value within one run.
"""
