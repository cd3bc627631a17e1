"""What a jar sends, as the value of a Cookie header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.formats.retrieval import TYPED, Retrieval

if TYPE_CHECKING:
    from sessiondoctor.formats.jar import Jar


def header_for(jar: Jar, url: str, now: float, retrieval: Retrieval = TYPED) -> str:
    """The value of the Cookie header; empty if there is nothing to send."""
    sent = jar.cookies_for(url, now, retrieval)
    return "; ".join(cookie.pair for cookie in sent if cookie.carrier == "cookie")
