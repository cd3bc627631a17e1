"""From the visits of a scan to what a report tells of each client."""

from __future__ import annotations

from dataclasses import replace

from sessiondoctor.evidence.entry.entry_points import EntryPoint, EntryPoints, EntryPointTest
from sessiondoctor.evidence.entry.visits import Exchange, Trace, Visits
from sessiondoctor.evidence.flows.logins import Login, Logins
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.model import ClientRequest, kind_of
from sessiondoctor.outcome.client_histories import histories_of

KEPT = Trace(
    (Exchange(0.0, "app1", "marker", 200, "sid:1", "kept"), Exchange(0.1, "app1", "marker", 200, "sid:1", "kept"))
)
LOST = Trace(
    (
        Exchange(0.0, "app1", "marker", 200, "sid:2", "kept"),
        Exchange(0.1, "app2", "marker", 200, "sid:3", "lost", renewed=True),
    )
)
SECURE = "connect.sid: dropped, Secure set over plain HTTP"


def gathered(**fields: object) -> Gathered:
    """Visits with these clients."""
    visits = Visits("http://shop.test/", 200, tls=False, **fields)  # type: ignore[arg-type]
    return Gathered((Piece(Visits, "site", visits),))


def test_each_client_has_a_strip_and_a_summary() -> None:
    """Returning clients are numbered; fresh ones need no more than a line."""
    fresh = (Exchange(0.2, "app1", status=200, dropped=(SECURE,)), Exchange(0.3, "", status=200, dropped=(SECURE,)))
    first, second, bare, raw, frozen, new = histories_of(
        gathered(returning=(KEPT, LOST), fresh=fresh, without_affinity=(LOST,), raw=KEPT, frozen=LOST)
    )
    assert (first.client, second.client) == ("returning 1", "returning 2")
    assert first.summary == "2 requests (app1 2), state lost in 0 of 1 looks, 1 session id"
    assert second.summary == "2 requests (app1 1, app2 1), state lost in 1 of 1 looks, 2 session ids"
    assert second.requests[1] == ClientRequest("app2", "lost", 200, "sid:3", True, 0.1, "marker")  # noqa: FBT003 - renewed
    assert (new.client, new.requests) == ("fresh", ())
    assert new.summary == f"2 first visits (app1 1, unknown node 1), no session id; {SECURE} (2 times)"
    assert (bare.client, raw.client, frozen.client) == ("without affinity cookie 1", "raw", "frozen")


def test_without_visits_there_is_nothing_to_tell() -> None:
    """Not looked at is no empty history."""
    assert histories_of(Gathered((Piece(Visits, "site", unavailable="refused"),))) == ()
    assert histories_of(Gathered(())) == ()


def test_of_many_clients_those_that_lost_something_are_shown() -> None:
    """The others are counted; the numbers stay those of the visits."""
    clients = histories_of(gathered(returning=(KEPT,) * 30 + (LOST,) * 3))
    assert len(clients) == 21
    assert [client.client for client in clients[-4:-1]] == ["returning 31", "returning 32", "returning 33"]
    assert (clients[-1].client, clients[-1].summary) == ("returning", "13 more clients; state lost by 0 of them")


def test_a_long_walk_ends_somewhere() -> None:
    """And says so."""
    (client,) = histories_of(gathered(returning=(Trace(KEPT.exchanges[:1] * 150),)))
    assert len(client.requests) == 100
    assert client.summary.endswith("; 50 more not shown")


def test_other_entry_points_and_logins_have_their_clients() -> None:
    """A finding names them as it names those of the public entry."""
    made, there = KEPT.exchanges[0], LOST.exchanges[1]
    points = EntryPoints(
        "http://shop.test/", (EntryPointTest(EntryPoint("address", "10.0.0.3", "ipv4"), made, (there,)),)
    )
    run = Login("sid:1", "sid:2", Trace((made,)), Trace((there,)))
    logins = Logins((run, replace(run, trouble="500")))
    pieces = (Piece(EntryPoints, "site", points), Piece(Logins, "site", logins))
    through, first, second = histories_of(Gathered(pieces))
    assert (through.client, first.client, second.client) == ("through 10.0.0.3", "login 1", "login 2")
    assert [request.state for request in through.requests] == ["kept", "lost"]
    assert through.client == points.entry_tests[0].client
    assert second.client == logins.client(logins.runs[1])
    assert kind_of(through.client) == "through"
