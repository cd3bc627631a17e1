"""`--plan`: what a drill would do, in words; nobody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.experiments.drill.crowd import OTHERS, most_sessions
from sessiondoctor.experiments.drill.outages import places_of
from sessiondoctor.experiments.drill.run import BEFORE, DRAIN_SHARE, EVERY_S
from sessiondoctor.probes.browser.recipe import recipe_of
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.experiments.drill import By
    from sessiondoctor.experiments.drill.outages import Intent
    from sessiondoctor.topology.model import Topology


def plan_text(topology: Topology, intents: tuple[Intent, ...], sessions: int, watch_s: float) -> str:
    """The steps, and how many requests they cost at most."""
    return "".join(f"{one_line(line)}\n" for line in _lines(topology, intents, sessions, watch_s))


def _lines(topology: Topology, intents: tuple[Intent, ...], sessions: int, watch_s: float) -> Iterator[str]:
    recipe = recipe_of(topology.site.flow)
    made = most_sessions(len(topology.nodes), sessions)
    looked_at = sessions + OTHERS
    yield f"Nothing was contacted and nothing was changed. A drill at {topology.site.url.partition('?')[0]} would:"
    for intent in intents:
        seconds = [watch_s * (DRAIN_SHARE if by == "drain" else 1) for by, _ in intent.ways]
        looks = BEFORE + 3 + sum(round(each / EVERY_S) for each in seconds)
        requests = made * (1 + recipe.write_requests) + looks * looked_at * recipe.read_requests
        yield f"  make up to {made} sessions, until {sessions} are of {intent.node} and {OTHERS} of others"
        yield f"  look at each {BEFORE} times"
        for (by, command), each in zip(intent.ways, seconds, strict=True):
            yield f"  take {intent.node} out: {_order(topology, intent, by, command)}"
            yield f"  look at each session every {EVERY_S:g} s for up to {each:g} s"
        yield f"  put {intent.node} back: {_return(topology, intent)}"
        yield f"  prove it: {_proof(topology)}"
        yield "  look at each session again"
        yield f"  in all up to {requests} requests"


def _order(topology: Topology, intent: Intent, by: By, command: str) -> str:
    if command:
        return command
    return f"set server BACKEND/SERVER state {by}, for {intent.node}, at {', '.join(places_of(topology))}"


def _return(topology: Topology, intent: Intent) -> str:
    orders = [intent.start] if intent.start else []
    if intent.by_haproxy:
        orders.append(f"set server BACKEND/SERVER state ready, for {intent.node}, at {', '.join(places_of(topology))}")
    return "; ".join(orders)


def _proof(topology: Topology) -> str:
    return "show servers state" if places_of(topology) else "a new client that the balancer leads to it"
