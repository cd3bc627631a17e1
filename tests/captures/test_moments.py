"""When an exchange was recorded."""

from __future__ import annotations

import time

from sessiondoctor.captures.moments import moment_of
from sessiondoctor.captures.recorded import Recorded

YEAR_2020 = 1577836800.0


def seen(*headers: tuple[str, str], at: float = 0.0) -> float:
    """The moment of a response with these headers."""
    return moment_of(Recorded("https://a.test/", headers=headers, at=at))


def test_its_own_time_comes_first() -> None:
    """As in a HAR file; then the Date header."""
    date = ("Date", "Wed, 01 Jan 2020 00:00:00 GMT")
    assert seen(date, at=5.0) == 5.0
    assert seen(("Date", "nonsense"), date) == YEAR_2020


def test_an_old_paste_is_judged_as_of_then() -> None:
    """Its cookies had not expired; one that was deleted, or has no value, tells nothing."""
    assert seen(("Set-Cookie", "a=1; Expires=Wed, 01 Jan 2020 00:00:01 GMT")) == YEAR_2020
    for gone in ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=; Expires=Wed, 01 Jan 2020 00:00:01 GMT", "a=1"):
        assert abs(seen(("Set-Cookie", gone)) - time.time()) < 60
