"""Where a session's id stands in a line: a cookie, as a header, as JSON or encoded, or a part of the URL."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES: Final = (
    rb"JSESSIONID|PHPSESSID|connect\.sid|sessionid|SESSION|SESSIONID|laravel_session|ASP\.NET_SessionId|grafana_session"
    rb"|\.AspNetCore\.(?:Session|Cookies)|_[a-z0-9_]{1,40}_session|session_id|session|jsessionid|sid"
)
_BEFORE: Final = rb"(?<![A-Za-z0-9_.-])"
_VALUE: Final = rb'(?:=|"?:\s?"|%3[Dd])(?P<session>[^;"\s,&|\\{}?/]{8,})'


def session_of(cookie: str) -> re.Pattern[bytes]:
    """Finds the id; a known name stands first, for Python looks for the literal text that an expression begins with."""
    if not cookie:
        return re.compile(_BEFORE + rb"(?P<name>" + _NAMES + rb")" + _VALUE)
    name = re.escape(cookie.encode())
    return re.compile(name + rb"(?<![A-Za-z0-9_.-]" + name + rb")" + _VALUE)


def linear_session_of(cookie: str) -> bytes:
    """The same for engines without lookbehind (RE2, Java); the id is its second group."""
    name = re.escape(cookie.encode()) if cookie else rb"(?:" + _NAMES + rb")"
    return rb"(?P<before>^|[^A-Za-z0-9_.-])" + name + _VALUE


def commonest(texts: Iterable[bytes]) -> str:
    """The name of the session cookie in most of these; empty if none has one."""
    pattern = session_of("")
    names = Counter(match["name"] for text in texts if (match := pattern.search(text)))
    return max(names, key=lambda name: names[name]).decode() if names else ""


def is_known(cookie: str) -> bool:
    """Whether a cookie of this name is a session's."""
    return re.fullmatch(_NAMES, cookie.encode()) is not None
