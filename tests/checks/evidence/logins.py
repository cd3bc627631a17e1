"""Evidence for checks of logins and forms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.entry.visits import Trace
from sessiondoctor.evidence.flows.forms import Forms, FormTry
from sessiondoctor.evidence.flows.logins import Login, Logins, Recognition
from sessiondoctor.topology.steps import Flow, Step
from tests.checks.build import topology, trace

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Topology


NONE = Trace(())
SAID: dict[str, Any] = {"i": "in", "o": "out", "e": "error", "?": "unknown"}
STATES: dict[str, Any] = {"a": "accepted", "r": "rejected", "e": "error", "?": "unknown"}


def login(looks: str | Trace = "kkk", nodes: str = "", **changes: Any) -> Login:
    """`login("kkl", "i oi")`: what the entry says, then each node at once and later."""
    said = tuple(
        Recognition(f"app{n}", SAID[one[0]], SAID[one[1:] or "?"], 500 if one[0] == "e" else 200)
        for n, one in enumerate(nodes.split(), 1)
    )
    settings: dict[str, Any] = {
        "before": "sid:1111",
        "after": "sid:2222",
        "steps": trace("app1 app1", "??"),
        "looks": _on_one_node(looks) if isinstance(looks, str) else looks,
        "nodes": said,
    }
    return Login(**(settings | changes))


def _on_one_node(looks: str) -> Trace:
    return trace(" ".join(["app1"] * len(looks)), looks) if looks else NONE


def refused(status: int, nodes: str = "app1 app1", text: str = "") -> Login:
    """A login whose last step was not as declared."""
    steps = trace(nodes, "??")
    last = replace(steps.exchanges[-1], status=status)
    trouble = text or f"POST /login: status {status}"
    return login("", steps=Trace((steps.exchanges[0], last)), trouble=trouble, before="", after="")


def logins(*runs: Login, **changes: Any) -> Logins:
    """Two healthy logins unless said otherwise."""
    return Logins(runs or (login(nodes="i i i"),) * 2, **changes)


def forms(rows: str = "aa aa", entry: str = "aaaa", **changes: Any) -> Forms:
    """`forms("ar ra", kept="+-++")`: opened on (row), sent to (column); then whether the session was there (+, -)."""
    kept = {"+": True, "-": False}
    names = [f"app{n}" for n in range(1, len(rows.split()) + 1)]
    direct = []
    for opened, row in zip(names, rows.split(), strict=True):
        direct += [
            FormTry(opened, sent, STATES[one], 403 if one == "r" else 200) for sent, one in zip(names, row, strict=True)
        ]
    marks = [kept.get(mark) for mark in changes.pop("kept", "")]
    direct = [replace(one, session_kept=mark) for one, mark in zip(direct, marks, strict=True)] if marks else direct
    through = tuple(FormTry("app1", "app1", STATES[one], 403 if one == "r" else 200) for one in entry)
    return Forms(through, tuple(direct), **changes)


def at_entry(entry: str, *, kept: bool, rows: str = "aa aa") -> Forms:
    """Forms of clients of the entry, and whether their sessions were there after them."""
    found = forms(rows, entry)
    return replace(found, through_entry=tuple(replace(one, session_kept=kept) for one in found.through_entry))


def through(*pairs: str, state: str = "a") -> tuple[FormTry, ...]:
    """Forms of clients of the entry, such as `app1>app2`."""
    split = (pair.split(">") for pair in pairs)
    return tuple(FormTry(opened, sent, STATES[state], 403 if state == "r" else 200) for opened, sent in split)


def with_login() -> Topology:
    """A topology whose clients all are the same user."""
    plain = topology()
    return replace(plain, site=replace(plain.site, flow=Flow(login=(Step("/login", "POST"),))))


SAME = {"after": "sid:1111"}
