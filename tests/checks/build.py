"""Small pieces of evidence for tests of checks: healthy unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sessiondoctor.evidence.balancers.status import BalancerStatus, Server
from sessiondoctor.evidence.entry.visits import Exchange, State, Trace, Visits
from sessiondoctor.evidence.network.clocks import Clocks, Reading
from sessiondoctor.evidence.network.names import Answer, Names
from sessiondoctor.evidence.nodes.replay import Cell, NodeVisit, Replay
from sessiondoctor.evidence.responses.cookie import Cookie
from sessiondoctor.evidence.stores.census import Census, Group, Quantiles
from sessiondoctor.evidence.stores.located import Located, LocatedSession, Lookup, Place
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.evidence.stores.session_folders import SessionFolder
from sessiondoctor.evidence.stores.session_tables import SessionTable, SessionTables
from sessiondoctor.topology.model import Balancer, Node, Site, Store, Topology
from sessiondoctor.topology.scalars import Duration

STATES: dict[str, State] = {"k": "kept", "l": "lost", "?": "unknown"}
NODES = ("app1", "app2", "app3")


def topology(mode: Any = "auto", *, idle: int | None = 1800, **changes: Any) -> Topology:
    """A site with three nodes."""
    site = Site("https://shop.test/", mode=mode, idle_timeout=Duration(idle) if idle else None)
    settings: dict[str, Any] = {
        "nodes": tuple(Node(name, f"http://{name}/") for name in NODES),
        "load_balancers": (Balancer("edge"),),
        "stores": (Store("sessions", "redis"),) if mode == "external" else (),
    }
    return Topology(site=site, **(settings | changes))


def cookie(role: Any = "session", **changes: Any) -> Cookie:
    """A session cookie with all flags."""
    settings: dict[str, Any] = {
        "name": "SRV" if role == "affinity" else "sid",
        "product": "haproxy" if role == "affinity" else "express-session",
        "token": "sid:1111",
        "size": 80,
        "secure": True,
        "http_only": True,
        "same_site": "lax",
    }
    return Cookie(role=role, **(settings | changes))


def trace(nodes: str, states: str, sessions: str = "", **changes: Any) -> Trace:
    """`trace("app1 app2", "kl")`: who answered, and whether the state was there (kept, lost, ? unknown)."""
    names = nodes.split()
    tokens = sessions.split() or ["sid:1111"] * len(names)
    pairs = zip(names, states, tokens, strict=True)
    exchanges = [Exchange(float(n), "" if node == "-" else node, status=200, session=token, state=STATES[state])
            for n, (node, state, token) in enumerate(pairs)]  # fmt: skip
    renewed = [i > 0 and exchange.session != exchanges[i - 1].session for i, exchange in enumerate(exchanges)]
    return Trace(
        tuple(
            Exchange(**{**_fields(exchange), "renewed": new, "original": tokens[max(n - 1, 0)] == tokens[0], **changes})
            for n, (exchange, new) in enumerate(zip(exchanges, renewed, strict=True))
        )
    )


def _fields(exchange: Exchange) -> dict[str, Any]:
    return {name: getattr(exchange, name) for name in Exchange.__dataclass_fields__}


def visits(*traces: Trace, **changes: Any) -> Visits:
    """Clients of a healthy site that shares its sessions."""
    settings: dict[str, Any] = {
        "url": "https://shop.test/",
        "status": 200,
        "tls": True,
        "flow": True,
        "cookies": (cookie(),),
        "returning": traces or (trace("app1 app2 app3", "kkk"),),
    }
    return Visits(**(settings | changes))


def fresh(nodes: str, **changes: Any) -> tuple[Exchange, ...]:
    """First responses to new clients: who answered each."""
    return tuple(Exchange(0.0, node, session=f"sid:{n}", **changes) for n, node in enumerate(nodes.split()))


def replay(rows: str = "kkk kkk kkk", *, cookies: Any = None, visit: Any = None, cell: Any = None) -> Replay:
    """`replay("kll lkl llk")`: made on (row), read on (column). `cookies`, `visit`, `cell` change one by its nodes."""
    names = NODES[: len(rows.split())]
    marks = {"k": "kept", "l": "lost", "e": "error", "?": "unknown"}
    cells = tuple(
        Cell(**{"created_on": i, "read_on": j, "state": marks[mark], "back": "kept", "back_newest": "kept"}
             | (cell or {}).get(f"{i} {j}", {}))
        for i, row in zip(names, rows.split(), strict=True)
        for j, mark in zip(names, row, strict=True)
    )  # fmt: skip
    made = {name: ((cookies or {}).get(name, cookie()),) for name in names}
    seen = tuple(
        NodeVisit(name, **{"status": 200, "cookies": made[name], "session": "sid:1"} | (visit or {}).get(name, {}))
        for name in names
    )
    return Replay(names, seen, cells, flow=True)


def steered(rows: str = "kkk kkk kkk", **changes: Any) -> Replay:
    """The same through the balancer."""
    return replace(replay(rows, **changes), way="steered")


def place(**changes: Any) -> Place:
    """A key of connect-redis with half an hour to live."""
    settings: dict[str, Any] = {
        "store": "sessions",
        "endpoint": "10.0.0.9:6379",
        "home": "10.0.0.9:6379/0",
        "prefix": "sess:",
        "layout": "connect-redis",
        "encoding": "json",
        "ttl_s": 1800.0,
        "ttl_after_read_s": 1799.9,
        "paused_s": 1.6,
    }
    return Place(**(settings | changes))


def located(**changes: Any) -> Located:
    """A session of each node in one store, which every node knows.

    `app2=[...]` changes a node's places, `gone={"app1": ("app2",)}` deletes, `looks={"app1 app2": "miss"}` is what
    reading on the second does with the key of the first (`""`: nothing is known), `vanished={"app1": 2.5}` in seconds.
    """
    gone, looks, vanished = (changes.pop(name, {}) for name in ("gone", "looks", "vanished"))
    sessions = tuple(
        LocatedSession(
            name,
            f"sid:{name}",
            tuple(changes.get(name, [place()])),
            tuple(gone.get(name, ())),
            tuple(lookup(reader, looks.get(f"{name} {reader}", "kept")) for reader in NODES),
            vanished.get(name),
        )
        for name in NODES
    )
    counted = {name: changes[name] for name in ("evicted", "expired") if name in changes}
    return Located(
        sessions, ("10.0.0.9:6379/0",), changes.get("searchable", True), changes.get("why_not", ""), **counted
    )


def lookup(node: str, outcome: Any) -> Lookup:
    """`kept`: it found the session; `copy`: it knows it from elsewhere; `""`: nobody can tell.

    Any other word is what it does without knowing the session.
    """
    if outcome == "kept":
        return Lookup(node, "hit", "kept", "state")
    if outcome == "copy":
        return Lookup(node, "not-asked", "kept", "counters")
    return Lookup(node, outcome or "unclear", "lost", "counters" if outcome else "", 0.01)


def session_tables(**changes: Any) -> SessionTables:
    """A table of 20,000 sessions, of which a few have ended."""
    settings: dict[str, Any] = {
        "table": "django_session",
        "product": "django",
        "rows": 20_000,
        "exact": True,
        "looked_at": 20_000,
        "expired": 300,
        "stale": 0,
        "indexed_id": True,
        "indexed_expiry": True,
    }
    return SessionTables("sessions", "10.0.0.9:5432", (SessionTable(**(settings | changes)),))


def session_folder(**changes: Any) -> SessionFolder:
    """A folder with room for more."""
    settings: dict[str, Any] = {
        "store": "sessions",
        "folder": "/srv/sessions",
        "files": 900,
        "exact": True,
        "sessions": 900,
        "stale": 0,
        "free_bytes": 10**9,
        "inodes": 10**6,
        "free_inodes": 10**5,
    }
    return SessionFolder(**(settings | changes))


def server(**changes: Any) -> RedisServer:
    """A primary with head room."""
    settings: dict[str, Any] = {
        "store": "sessions",
        "endpoint": "10.0.0.9:6379",
        "version": "7.0.15",
        "role": "master",
        "uptime_s": 900_000,
        "used_memory": 10,
        "maxmemory": 100,
        "policy": "noeviction",
        "delta_s": 1.0,
    }
    return RedisServer(**(settings | changes))


def census(**changes: Any) -> Census:
    """A thousand small sessions that expire; `helper_keys` changes the census."""
    helpers = changes.pop("helper_keys", 0)
    settings: dict[str, Any] = {
        "product": "connect-redis",
        "prefix": "sess:",
        "keys": 1000,
        "share": 1.0,
        "ttl_s": Quantiles(1000, 1, 900, 1800, 1800),
        "without_ttl": 0,
        "size_bytes": Quantiles(1000, 300, 400, 900, 2000),
        "encodings": {"json": 20},
        "ttl_bars": ((900.0, 500), (1800.0, 500)),
        "size_bars": ((512.0, 900), (2048.0, 100)),
        "ttl_pile": (1800.0, 30),
    }
    return Census("sessions", 0, 1000, 1000, exact=True, groups=(Group(**(settings | changes)),),
                  helper_keys=helpers)  # fmt: skip


def clocks(source: Any = "http-date", **offsets: float) -> Clocks:
    """`clocks(app1=0.0, app2=600.0)`: seconds ahead of this machine; `sessions` is a store."""
    readings = tuple(
        Reading(name, "redis-time" if name == "sessions" else source, offset, 0.01) for name, offset in offsets.items()
    )
    return Clocks(readings, {})


def balancer(**changes: Any) -> BalancerStatus:
    """A balancer with one server that is up."""
    settings: dict[str, Any] = {
        "pool": "app",
        "name": "app1",
        "node": "app1",
        "address": "10.0.0.1:80",
        "status": "UP",
        "weight": 1,
        "cookie": "app1",
        "sessions": 10,
        "went_down": 0,
        "last_change_s": 90_000,
    }
    return BalancerStatus("edge", "haproxy", "roundrobin", "SRV", (Server(**(settings | changes)),))


def names(*addresses: str) -> Names:
    """One resolver an argument, each with its addresses."""
    answers = tuple(Answer(f"10.0.0.{n}:53", tuple(given.split()), ()) for n, given in enumerate(addresses))
    return Names("shop.test", answers)
