from __future__ import annotations

import pytest

from sessiondoctor.topology.model import Site, Store, Topology, bare
from sessiondoctor.topology.scalars import Duration
from sessiondoctor.topology.secret import Secret


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43200), ("14d", 1_209_600), ("0s", 0)]
)
def test_durations_are_read(text: str, seconds: int) -> None:
    """Whole seconds of each unit."""
    assert Duration.parse(text) == seconds


@pytest.mark.parametrize("text", ["30", "", "1.5h", "-1s", "1w", "1h30m", " 1s", "9999999999s", 30, None])
def test_what_is_no_duration_is_refused(text: object) -> None:
    """No unit, no guess."""
    with pytest.raises(ValueError, match="expected a duration such as 90s, 30m, 12h or 14d"):
        Duration.parse(text)


def test_durations_are_written_in_their_largest_unit() -> None:
    """As a user would write them."""
    assert [str(Duration(seconds)) for seconds in (90, 1800, 86400)] == ["90s", "30m", "1d"]


def test_a_secret_shows_itself_only_when_revealed() -> None:
    """Neither printed, nor formatted, nor in a repr."""
    secret = Secret("redis://:hunter2@h")
    assert [str(secret), repr(secret), f"{secret}", f"{secret:>5}"] == ["***", "Secret('***')", "***", "  ***"]
    assert (str(Secret("")), repr(Secret(""))) == ("", "Secret('')")
    assert secret.reveal() == "redis://:hunter2@h"


def test_the_mode_is_what_is_declared_or_follows_from_a_store() -> None:
    """`auto` without a store says nothing."""
    store = Store("sessions", "redis")
    assert bare("https://shop.test/").mode() == "unknown"
    assert Topology(Site("https://shop.test/"), stores=(store,)).mode() == "external"
    assert Topology(Site("https://shop.test/", mode="sticky"), stores=(store,)).mode() == "sticky"
