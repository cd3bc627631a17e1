"""All cookies of captures by the place where they were seen: by the paste's own word, a file's owner, or the URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.captures.recorded import NOWHERE, Recorded
from sessiondoctor.evidence.entry.shown_cookies import SentCookies, ShownCookie, ShownCookies
from sessiondoctor.evidence.location import Location
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.results import Setting
from sessiondoctor.probes.responses.cookie_roles import roles_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.probes.responses.cookie_roles import Roles
    from sessiondoctor.redact import Redactor
    from sessiondoctor.topology.model import Topology

_MOST = 500
_PORTS = {"https": 443, "http": 80}
_NODE = re.compile(r"(?i)x-(?:\w{1,20}-)?(?:served-by|server|node|backend|upstream|instance|pod)(?:-(?:id|name))?")
_ROUTED = re.compile(r"(?i)(?:jsessionid(?:sso)?|sessionid)=[^.;,\s]{4,200}\.([\w-]{1,60})")


def shown_cookies_of(exchanges: Sequence[Recorded], topology: Topology, redactor: Redactor) -> ShownCookies:
    """The cookies of all exchanges, whichever host they are of."""
    settings = [_setting(value, one) for one in exchanges[:_MOST] for value in one.all("set-cookie")[:_MOST]]
    roles = roles_of(settings, topology)
    shown = (cookie for one in exchanges[:_MOST] for cookie in _set(one, roles, redactor))
    return ShownCookies(tuple(shown), tuple(sent for one in exchanges[:_MOST] if (sent := _sent(one))))


def _setting(value: str, exchange: Recorded) -> Setting:
    return Setting(read_set_cookie(value), exchange.url, "", exchange.at, deletes=False)


def _set(exchange: Recorded, roles: Roles, redactor: Redactor) -> Iterator[ShownCookie]:
    scheme, host, port = _address(exchange.url)
    known = host and host != NOWHERE
    place = exchange.place or (f"{scheme}://{host}:{port}" if known else "")
    for value in exchange.all("set-cookie")[:_MOST]:
        cookie = read_set_cookie(value)
        if cookie.name:
            yield ShownCookie(
                cookie.name, roles.role_of(cookie.name), place, named=bool(exchange.place), host=host if known else "",
                port=port if known else 0, token=redactor.token(cookie.value, "cookie"), path=cookie.path or "/",
                domain=cookie.domain, at=Location(exchange.file, exchange.line),
            )  # fmt: skip


def _sent(exchange: Recorded) -> SentCookies | None:
    header = exchange.cookie_header
    names = tuple(pair.strip().partition("=")[0] for pair in header.split(";")[:_MOST] if pair.strip())
    if not names:
        return None
    route = _ROUTED.search(header)
    renamed = any(_ROUTED.search(value) for value in exchange.all("set-cookie"))
    node = next((value.strip() for name, value in exchange.headers if _NODE.fullmatch(name)), "")
    return SentCookies(
        names, len(header), exchange.status, Location(exchange.file, exchange.line),
        route[1] if route else "", node, renamed,
    )  # fmt: skip


def _address(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
