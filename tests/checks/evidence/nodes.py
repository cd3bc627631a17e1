"""Evidence for checks of what differs between nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.evidence.nodes.entry_replay import EntryReplay, Shown
from sessiondoctor.topology.model import Node
from tests.checks.build import cookie, trace

if TYPE_CHECKING:
    from sessiondoctor.evidence.entry.visits import Trace
    from sessiondoctor.evidence.nodes.replay import CellState


SIGNED = {name: cookie(signed=True) for name in ("app1", "app2", "app3")}
CLIENT = {name: cookie(holds_state=True, signed=True) for name in ("app1", "app2", "app3")}
KEYED = {name: cookie(key_id="k1") for name in ("app1", "app2", "app3")}
OUTLIER = "klk lkl klk"
NOWHERE: dict[str, object] = {"app1": [], "app2": [], "app3": []}
GONE = {"app1 app2": {"back": "lost", "back_newest": "lost"}}


def version(node: str, value: str) -> dict[str, object]:
    """A node that says its version."""
    return {node: {"headers": {"x-version": value}}}


def bare(*names: str) -> dict[str, object]:
    """Nodes whose session cookies have these names where the address is taken out."""
    return {f"app{number}": {"bare_name": name} for number, name in enumerate(names, 1)}


HASHED = {f"app{n}": cookie(name=f"wp_{n * 32}") for n in "123"}
AS_ONE = tuple(Node(f"app{n}", f"http://app{n}/", headers={"Host": "shop.test"}) for n in "123")


def redirected(*met: str) -> Trace:
    """A client whose second visit, at which its state is gone, several nodes answered."""
    seen = trace("app1 app1", "kl")
    return replace(seen, exchanges=(seen.exchanges[0], replace(seen.exchanges[1], met=met)))


def shown(**sessions: str) -> EntryReplay:
    """`shown(app1="kl kkl")`: the looks alone, and those of one client, at a session that its node still knows."""
    states: dict[str, CellState] = {"k": "kept", "l": "lost", "?": "error"}
    told = []
    for node, text in sessions.items():
        alone, bound = (tuple(states[mark] for mark in part) for part in text.split())
        told.append(Shown(node, alone, bound, "kept"))
    return EntryReplay(tuple(told), len(told))
