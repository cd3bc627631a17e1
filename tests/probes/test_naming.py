from __future__ import annotations

from sessiondoctor.probes.naming import clusters


def test_headers_that_set_groups_apart_name_the_nodes() -> None:
    """A letter for each group, in the order of appearance."""
    responses = [{"server": "nginx", "x-backend": name} for name in ("b", "a", "b", "a")]
    assert clusters(responses) == ("A", "B", "A", "B")


def test_headers_that_change_by_themselves_do_not() -> None:
    """Dates, ages, request ids, lengths and entity tags tell nothing."""
    names = ("date", "age", "x-request-id", "content-length", "etag", "set-cookie", "x-runtime")
    responses = [{name: str(n % 2) for name in names} for n in range(6)]
    assert clusters(responses) == ("",) * 6


def test_a_value_seen_once_may_be_chance() -> None:
    """Groups must be clean."""
    assert clusters([{"x-backend": name} for name in ("a", "a", "b")]) == ("",) * 3


def test_nothing_to_tell_by() -> None:
    """One node, or none."""
    assert clusters([{"server": "nginx"}] * 4) == ("",) * 4
    assert clusters([]) == ()
