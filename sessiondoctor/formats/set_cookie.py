"""One Set-Cookie header value, read as browsers read it (RFC 6265bis, section 5.6).

Where RFC 6265bis differs from RFC 6265, browsers follow the former: a cookie without `=` is kept (its name is
empty), an empty Domain means host-only, and long cookies and control characters make a browser ignore the header.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.formats import refusals
from sessiondoctor.formats.cookie_date import cookie_date
from sessiondoctor.formats.encoded import ascii_lower, octets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIMIT_BYTES: Final = 4096  # name and value together; section 5.6, step 5
LIFETIME_LIMIT_S: Final = 400 * 86400.0  # section 5.5
_ATTRIBUTE_LIMIT_BYTES = 1024
_WHITESPACE = " \t"
_CONTROL = r"[\x00-\x08\x0a-\x1f\x7f]"  # all but the tab, which is white space here
_FARTHEST_S = 2**53  # keeps arithmetic on hostile numbers exact


@dataclass(frozen=True, slots=True)
class SetCookie:
    """A cookie as the header describes it, before any rule about the URL.

    Attributes:
        name: empty for a cookie without `=`.
        domain: lower case, without a leading dot; empty for a host-only cookie.
        path: empty where the default-path of the URL applies.
        same_site: `strict`, `lax`, `none`, or empty for the browser's default.
        max_age_s: seconds; zero or less deletes the cookie. None without a valid Max-Age.
        expires: unix seconds; None without a valid Expires.
        ignored: why a browser ignores the whole header, one of `refusals`; empty if it does not.
    """

    name: str
    value: str = field(repr=False)
    domain: str = ""
    path: str = ""
    secure: bool = False
    http_only: bool = False
    same_site: str = ""
    max_age_s: int | None = None
    expires: float | None = None
    partitioned: bool = False
    ignored: str = ""

    @property
    def size(self) -> int:
        """Octets of name and value together."""
        return len(octets(self.name)) + len(octets(self.value))


def read_set_cookie(header: str) -> SetCookie:
    """Read a Set-Cookie value whether or not a browser would keep it."""
    pair, _, rest = header.partition(";")
    cookie = SetCookie(*_name_and_value(pair), **_attributes(rest))
    ignored = _why_ignored(header, cookie)
    return replace(cookie, ignored=ignored) if ignored else cookie


def lifetime_s(cookie: SetCookie, now: float) -> float | None:
    """Seconds the cookie lives from `now`, at most 400 days; zero or less is a deletion, None a session cookie."""
    if cookie.max_age_s is not None:
        return min(float(cookie.max_age_s), LIFETIME_LIMIT_S)
    if cookie.expires is not None:
        return min(cookie.expires - now, LIFETIME_LIMIT_S)
    return None


def _why_ignored(header: str, cookie: SetCookie) -> str:
    if re.search(_CONTROL, header):
        return refusals.CONTROL_CHARACTERS
    if not cookie.size:
        return refusals.EMPTY
    return refusals.TOO_LARGE if cookie.size > LIMIT_BYTES else ""


def _name_and_value(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals:
        return "", name.strip(_WHITESPACE)
    return name.strip(_WHITESPACE), value.strip(_WHITESPACE)


def _attributes(text: str) -> dict[str, Any]:
    """The fields that the attributes set; of several valid ones of a name the last counts."""
    found: dict[str, Any] = {}
    for piece in text.split(";"):
        name, _, raw = piece.partition("=")
        value = raw.strip(_WHITESPACE)
        reader = _READERS.get(ascii_lower(name.strip(_WHITESPACE)))
        if reader and len(octets(value)) <= _ATTRIBUTE_LIMIT_BYTES:
            found.update(reader(value))
    return found


def _expires(value: str) -> dict[str, Any]:
    date = cookie_date(value)
    return {} if date is None else {"expires": date}


def _max_age(value: str) -> dict[str, Any]:
    if not re.fullmatch(r"-?[0-9]+", value):
        return {}
    return {"max_age_s": max(-_FARTHEST_S, min(int(value), _FARTHEST_S))}


def _domain(value: str) -> dict[str, Any]:
    return {"domain": ascii_lower(value.removeprefix("."))}


def _path(value: str) -> dict[str, Any]:
    return {"path": value if value.startswith("/") else ""}


def _same_site(value: str) -> dict[str, Any]:
    known = ascii_lower(value)
    return {"same_site": known if known in {"strict", "lax", "none"} else ""}


_READERS: Final[Mapping[str, Callable[[str], dict[str, Any]]]] = {
    "expires": _expires,
    "max-age": _max_age,
    "domain": _domain,
    "path": _path,
    "samesite": _same_site,
    "secure": lambda _: {"secure": True},
    "httponly": lambda _: {"http_only": True},
    "partitioned": lambda _: {"partitioned": True},
}
