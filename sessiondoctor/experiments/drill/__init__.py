"""The drill: a node is taken out on purpose, its sessions are looked at, and it is put back.

`haproxy` speaks with HAProxy's runtime API; `actions` are what is done to a node and undone, `outages` chooses it.
`guard` is the process that does and undoes it, whatever becomes of us; `guarded` is our end of it. `crowd` are the
clients, `held` the connections that they hold open; `run` is the drill itself.
"""
