"""From the visits of a scan to what a report tells of each client."""

from __future__ import annotations

from sessiondoctor.evidence.entry.visits import Exchange, Trace, Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.model import Beat
from sessiondoctor.outcome.timeline import strips_of

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
    first, second, new, bare, raw, frozen = strips_of(
        gathered(returning=(KEPT, LOST), fresh=fresh, without_affinity=(LOST,), raw=KEPT, frozen=LOST)
    )
    assert (first.client, second.client) == ("returning 1", "returning 2")
    assert first.summary == "2 requests (app1 2), state lost in 0 of 1 looks, 1 session id"
    assert second.summary == "2 requests (app1 1, app2 1), state lost in 1 of 1 looks, 2 session ids"
    assert second.strip[1] == Beat("app2", "lost", 200, "sid:3", True, 0.1, "marker")  # noqa: FBT003 - renewed
    assert (new.client, new.strip) == ("fresh", ())
    assert new.summary == f"2 first visits (app1 1, unknown node 1), no session id; {SECURE} (2 times)"
    assert (bare.client, raw.client, frozen.client) == ("without affinity cookie 1", "raw", "frozen")


def test_without_visits_there_is_nothing_to_tell() -> None:
    """Not looked at is no empty strip."""
    assert strips_of(Gathered((Piece(Visits, "site", unavailable="refused"),))) == ()
    assert strips_of(Gathered(())) == ()


def test_of_many_clients_those_that_lost_something_are_shown() -> None:
    """The others are counted; the numbers stay those of the visits."""
    strips = strips_of(gathered(returning=(KEPT,) * 30 + (LOST,) * 3))
    assert len(strips) == 21
    assert [strip.client for strip in strips[-4:-1]] == ["returning 31", "returning 32", "returning 33"]
    assert (strips[-1].client, strips[-1].summary) == ("returning", "13 more clients; state lost by 0 of them")


def test_a_long_walk_ends_somewhere() -> None:
    """And says so."""
    (strip,) = strips_of(gathered(returning=(Trace(KEPT.exchanges[:1] * 150),)))
    assert len(strip.strip) == 100
    assert strip.summary.endswith("; 50 more not shown")


def test_a_finding_s_strip_leaves_out_what_says_nothing() -> None:
    """Node, state and status are always there."""
    bare, full = Exchange(0.0), Exchange(1.5, "app1", "marker", 200, "sid:1", "lost", True, ("a",), "closed", (SECURE,))  # noqa: FBT003 - renewed
    assert Trace((bare,)).strip() == [{"node": "", "state": "unknown", "status": 0}]
    assert Trace((full,)).strip() == [
        {
            "node": "app1", "state": "lost", "status": 200, "session": "sid:1", "renewed": True, "at_s": 1.5,
            "named_by": "marker", "trouble": "closed", "dropped": [SECURE],
        }
    ]  # fmt: skip
