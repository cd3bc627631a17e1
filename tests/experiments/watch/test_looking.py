"""What a round asks, of the embedded cluster."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.cli.shown.progress import Silent
from sessiondoctor.demo.cluster import cluster
from sessiondoctor.experiments.watch.comparison import compare
from sessiondoctor.experiments.watch.looking import Looker, contacts_of
from sessiondoctor.experiments.watch.memory import Memory
from sessiondoctor.pipeline.order import Order
from sessiondoctor.probes.browser.targets import site_trust
from sessiondoctor.topology.target import read_target
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace

if TYPE_CHECKING:
    from sessiondoctor.experiments.watch.seen import Seen

ROUNDS = 3
DAY_S = 86400.0


def look(fault: str, most: int | None = None) -> tuple[list[Seen], list[Counter[str]], Counter[str], Memory]:
    """Some rounds: what each saw and sent, what was planned for one, and the memory in the end."""
    everything, looker, memory = Catalogue((builtin(),)), Looker(most), Memory("shop")
    seen: list[Seen] = []
    sent: list[Counter[str]] = []
    with cluster(fault) as running:
        order = Order(read_target(str(running.topology), {}), everything, ())
        planned = Counter(contacts_of(order, looker.size(order.topology)))
        for _ in range(ROUNDS):
            pace = Pace(0)
            site = order.topology.site
            wire = Wire(limits=Limits(), pace=pace, resolve=site.resolve, trust=site_trust(site))
            seen.append(asyncio.run(looker.look(order, wire, Silent(), memory, time.time())))
            compare(memory, seen[-1])
            memory.rounds += 1
            sent.append(Counter(pace.sent))
    return seen, sent, planned, memory


@pytest.mark.parametrize("fault", ["none", "node-local-store"])
def test_a_round_sends_no_more_than_planned(fault: str) -> None:
    """Neither the first, which makes all sessions, nor one that has lost most of them."""
    _, sent, planned, _ = look(fault)
    assert all(sent)
    assert [round_ - planned for round_ in sent] == [Counter()] * ROUNDS


def test_sessions_are_kept_from_round_to_round() -> None:
    """All are read, and one is young."""
    seen, _, _, memory = look("none")
    assert [len(one.sessions) for one in seen] == [0, 6, 6]
    assert [len(one.born) for one in seen] == [6, 1, 1]
    assert all(session.here for one in seen for session in one.sessions)
    assert len({kept.visitor.made_at for kept in memory.sessions}) == 6
    assert memory.nodes.keys() == {"app1", "app2", "app3"}
    assert seen[0].stores[0].name == "sessions"
    assert {clock.subject for clock in seen[0].clocks} == {"app1", "app2", "app3", "sessions"}
    assert not seen[-1].troubles


def test_lost_sessions_are_replaced() -> None:
    """As many as are gone; the ones that are there stay."""
    seen, _, _, memory = look("node-local-store", most=9)
    for one in seen[1:]:
        lost = sum(session.here is False for session in one.sessions)
        assert len(one.born) == max(1, 9 - len(one.sessions) + lost)
    assert sum(total for _, total in memory.totals("sessions_lost")) >= 1
    assert len(memory.sessions) == 9


def test_until_when_the_certificate_is_valid() -> None:
    """Of the public entry."""
    seen, _, _, memory = look("secure-cookie-behind-tls-offload", most=1)
    ends = seen[0].certificate_ends
    assert ends is not None
    assert ends > time.time() + DAY_S
    assert memory.certificate_ends == ends
    plain, _, _, _ = look("none", most=1)
    assert plain[0].certificate_ends is None
