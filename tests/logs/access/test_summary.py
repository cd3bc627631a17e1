"""When nodes were away, which paths go where, who was given new ids: from lines to evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.access_logs import Absence, AccessLog, Pool
from sessiondoctor.logs.access.counting import count
from sessiondoctor.logs.access.formats import guess
from tests.logs.access.traffic import BEGIN, NODES, Asked

if TYPE_CHECKING:
    from collections.abc import Iterable

A, B, C = NODES
MINUTE = BEGIN // 60


def seen(asked: Iterable[Asked]) -> AccessLog:
    """What their log shows."""
    content = "".join(one.line() for one in asked).encode()
    form = guess(content.splitlines()[:50])
    assert form
    return count([content], form, AccessLog("edge", "access.log"))


def visit(number: int, node: str, second: int, path: str = "/") -> Asked:
    """A request of the client of this number."""
    return Asked(f"{number:08}", node, f"192.0.{number // 250}.{number % 250}", second, path, 200)


def steady(node: str, minutes: Iterable[int], first: int) -> list[Asked]:
    """Twelve requests a minute at one node, each of a session of its own place in the minute."""
    return [visit(first + place, node, minute * 60 + place * 5) for minute in minutes for place in range(12)]


def test_a_node_that_was_restarted_lost_its_sessions() -> None:
    """Its sessions went to the other node, for good, at the minute when it fell silent."""
    before, away, after = range(20), range(20, 30), range(30, 60)
    log = seen(
        [*steady(A, range(60), 0), *steady(B, before, 100), *steady(A, (*away, *after), 100), *steady(B, after, 200)]
    )
    assert log.absences == (Absence(B, MINUTE + 20, MINUTE + 29),)
    assert (log.sessions_on_several_nodes, log.moved_for_good, log.moves_from_absent_nodes) == (12, 12, 12)
    assert (log.first_at, log.last_at) == (MINUTE, MINUTE + 59)


def test_sessions_that_go_to_and_fro_did_not_leave_for_good() -> None:
    """No affinity: no node was away."""
    log = seen(visit(n % 12, NODES[n % 2], n * 5 + n % 3) for n in range(500) if n % 12 or n)
    assert log.absences == ()
    assert log.moves_from_absent_nodes == 0


def test_nodes_that_came_and_went() -> None:
    """A release: new nodes in place of old ones."""
    log = seen([*steady(A, range(30), 0), *steady(B, range(30, 60), 0)])
    assert log.absences == (
        Absence(B, MINUTE, MINUTE + 29, came=True),
        Absence(A, MINUTE + 30, MINUTE + 59, left=True),
    )
    assert log.moves_from_absent_nodes == log.moved_for_good == 12


def test_a_quiet_node_is_not_away() -> None:
    """Three requests an hour have gaps by themselves; so has the whole site at night."""
    quiet = [visit(50, B, minute * 60) for minute in (1, 25, 50)]
    assert seen([*steady(A, range(60), 0), *quiet]).absences == ()
    day = (*range(20), *range(50, 70))
    assert seen([*steady(A, day, 0), *steady(B, day, 100)]).absences == ()


def test_paths_that_go_to_other_nodes() -> None:
    """Two pools; a stray retry joins them not."""
    shop = [visit(n % 9, (A, B)[n % 2], n, "/shop/x") for n in range(100)]
    api = [visit(n % 9, C, n, "/api/y") for n in range(60)]
    assert seen([*shop, *api]).pools == (Pool((A, B), ("/shop",)), Pool((C,), ("/api",)))
    assert seen([*shop, *api, visit(1, C, 5, "/shop/x")]).pools != ()
    assert seen([*shop, *api, *(visit(n, C, n, "/shop/x") for n in range(40))]).pools == ()


def test_clients_that_are_given_new_ids() -> None:
    """Each page a new session; a login is once, and behind one address there are several people."""

    def client(address: str, *ids: tuple[str, int]) -> list[Asked]:
        return [Asked(f"{address}-{name}", A, address, second, "/", 200) for name, second in ids]

    restless = client("192.0.2.1", *((f"id{n}", n * 20) for n in range(6)))
    login = client("192.0.2.2", ("one", 0), ("one", 50), ("two", 70), ("two", 400))
    office = client("192.0.2.3", *((f"id{n % 5}", n * 20) for n in range(20)))
    daily = client("192.0.2.4", *((f"id{n}", n * 4000) for n in range(6)))
    log = seen([*restless, *login, *office, *daily])
    assert (log.clients, log.clients_with_new_ids, log.once) == (3, 1, 12)


def test_births_and_their_peak() -> None:
    """Sixty sessions in one minute, one in each other."""
    log = seen([*(visit(n, A, n * 60) for n in range(30)), *(visit(1000 + n, B, 15 * 60 + n) for n in range(59))])
    assert (log.births, log.births_peak, log.births_peak_at) == (1, 60, MINUTE + 15)


def test_refusals_stand_beside_what_moved() -> None:
    """Requests with a status that says "log in"."""
    moved = [
        Asked("AAAAAAAA", node, "192.0.2.1", n, "/", status)
        for n, (node, status) in enumerate([(A, 200), (B, 401), (B, 403)])
    ]
    kept = [Asked("BBBBBBBB", A, "192.0.2.2", n, "/", 200) for n in range(4)]
    log = seen([*moved, *kept])
    assert (log.requests_moved, log.denied_moved, log.requests_kept, log.denied_kept) == (3, 2, 4, 0)
