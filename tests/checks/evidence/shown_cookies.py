"""Cookies of captures, as checks get them."""

from __future__ import annotations

from typing import Any

from sessiondoctor.evidence.entry.shown_cookies import SentCookies, ShownCookie, ShownCookies
from sessiondoctor.evidence.location import Location

AT = Location("paste", 1)


def shown(place: str, **changes: Any) -> ShownCookie:
    """The session's cookie at one place."""
    plain: dict[str, Any] = {
        "name": "sid", "role": "session", "place": place, "named": True, "host": "h", "port": 443, "token": place,
        "path": "/", "domain": "", "at": AT,
    }  # fmt: skip
    return ShownCookie(**plain | changes)


def captures(*cookies: ShownCookie, sent: tuple[SentCookies, ...] = ()) -> ShownCookies:
    """All of one capture."""
    return ShownCookies(cookies, sent)


def request(*names: str, **changes: Any) -> ShownCookies:
    """One request with these cookies."""
    return ShownCookies(sent=(SentCookies(names, 100, changes.pop("status", 200), AT, **changes),))
