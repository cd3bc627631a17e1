"""From readings of every kind to one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.keys.tokens import Token, Tokens
from sessiondoctor.evidence.network.clocks import Clocks, Reading
from sessiondoctor.evidence.nodes.replay import NodeVisit, Replay
from sessiondoctor.model import ClockOffset
from sessiondoctor.outcome.clock_table import clock_table
from sessiondoctor.topology.model import Time
from tests.fakes.peers import topology

if TYPE_CHECKING:
    from sessiondoctor.evidence.network.clocks import Source
    from sessiondoctor.model import ClockTable

NTP = "ntp1.test:123"


def reading(subject: str, offset: float, within: float = 0.01, source: Source = "http-date") -> Reading:
    """One reading."""
    return Reading(subject, source, offset, within)


def table(*readings: Reading, servers: tuple[str, ...] = (), **others: Any) -> ClockTable | None:
    """What becomes of readings of the probe for clocks, and of other evidence."""
    pieces = [Piece(Clocks, "site", Clocks(readings, {})), *(Piece(type(v), "site", v) for v in others.values())]
    return clock_table(Gathered(tuple(pieces)), topology(time=Time(servers=servers)))


def rows(found: ClockTable | None) -> list[tuple[str, str, str, float, float]]:
    """All of a table."""
    assert found
    return [(one.subject, one.kind, one.source, one.offset_s, one.uncertainty_s) for one in found.offsets]


def test_without_a_time_server_all_is_relative_to_this_machine() -> None:
    """As it was read, in the order of the parts of a site."""
    found = table(reading("sessions", 0.2, 0.002, "redis-time"), reading("app1", -90.0, 0.02))
    assert found
    assert found.reference == "this machine"
    assert found.offsets == (
        ClockOffset("app1", "node", "http-date", -90.0, 0.02),
        ClockOffset("sessions", "store", "redis-time", 0.2, 0.002),
    )


def test_the_time_server_that_was_read_best_is_the_reference() -> None:
    """Offsets are to it, both uncertainties add, and this machine is one clock among the others."""
    servers = (NTP, "ntp2.test:123")
    found = table(
        reading(NTP, 5.0, 0.004, "ntp"), reading("ntp2.test:123", 5.5, 0.3, "ntp"), reading("app1", 5.0, 0.02),
        reading("app2", 5.1, 0.001, "ntp"), servers=servers,
    )  # fmt: skip
    assert found
    assert found.reference == NTP
    assert rows(found) == [
        ("app1", "node", "http-date", 0.0, 0.024),
        ("app2", "node", "ntp", 0.1, 0.005),
        ("ntp2.test:123", "time-server", "ntp", 0.5, 0.304),
        ("this machine", "here", "", -5.0, 0.004),
    ]


def test_all_evidence_with_a_time_in_it_counts() -> None:
    """Cookies of balancers and nodes, and tokens."""
    visits = Visits("http://shop.test/", 200, tls=False, clocks=(reading("edge", 1.0, 2.0, "affinity-cookie"),))
    signed = NodeVisit("app1", clock=reading("app1", -0.2, 0.6, "session-cookie"))
    replay = Replay(("app1", "app2"), (signed, NodeVisit("app2")), (), flow=True)
    tokens = Tokens((Token("app2", "ES256", clock=reading("app2", 0.3, 0.7, "token")), Token("app3", "ES256")))
    assert rows(table(visits=visits, replay=replay, tokens=tokens)) == [
        ("app1", "node", "session-cookie", -0.2, 0.6),
        ("app2", "node", "token", 0.3, 0.7),
        ("edge", "balancer", "affinity-cookie", 1.0, 2.0),
    ]


def test_a_clock_stands_once() -> None:
    """As it was read best; what contradicts that stands behind it: one of the two is somebody else's clock."""
    signed = (NodeVisit("app1", clock=reading("app1", 0.5, 0.6, "session-cookie")),
              NodeVisit("app2", clock=reading("app2", -90.0, 0.6, "session-cookie")))  # fmt: skip
    replay = Replay(("app1", "app2"), signed, (), flow=True)
    assert rows(table(reading("app1", 0.0), reading("app2", 0.0), replay=replay)) == [
        ("app1", "node", "http-date", 0.0, 0.01),
        ("app2", "node", "http-date", 0.0, 0.01),
        ("app2", "node", "session-cookie", -90.0, 0.6),
    ]


def test_one_clock_is_no_table() -> None:
    """Nor is one that was read twice, nor none."""
    assert table(reading("app1", 0.0)) is None
    assert table(reading("app1", 0.0), reading("app1", 9.0, source="ntp")) is None
    assert clock_table(Gathered((Piece(Clocks, "site", unavailable="refused"),)), topology()) is None


def test_a_time_server_and_one_node() -> None:
    """Two clocks, and this machine."""
    found = rows(table(reading(NTP, 0.5, 0.01, "ntp"), reading("app1", 0.5), servers=(NTP,)))
    assert [subject for subject, *_ in found] == ["app1", "this machine"]


def test_a_node_and_a_store_of_one_name_are_two_clocks() -> None:
    """What tells the time says which is meant."""
    found = rows(table(reading("main", 0.0), reading("main", 0.3, 0.002, "redis-time")))
    assert [kind for _, kind, *_ in found] == ["node", "store"]
