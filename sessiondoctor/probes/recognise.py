"""Which framework the site runs on, from its cookies and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.formats.session_cookie import recognise_session
from sessiondoctor.formats.set_cookie import parse_set_cookie

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.probes.client import Setting

_HEADERS = (
    ("x-powered-by", "express", "express"),
    ("x-powered-by", "php", "php"),
    ("x-powered-by", "asp.net", "aspnet"),
    ("server", "kestrel", "aspnetcore"),
    ("server", "apache-coyote", "tomcat"),
    ("server", "werkzeug", "flask"),
    ("server", "jetty", "jetty"),
    ("x-powered-by", "undertow", "wildfly"),
)


def stack_of(settings: Iterable[Setting], headers: dict[str, str]) -> tuple[str, str]:
    """The stack, as the topology names it, and by what it was recognised; empty strings if nothing tells."""
    for setting in settings:
        cookie = parse_set_cookie(setting.header)
        found = recognise_session(cookie.name, cookie.value) if cookie else None
        if cookie and found and found.certain and found.stack != "other":
            return found.stack, f"the cookie {cookie.name}"
    for header, part, stack in _HEADERS:
        if part in headers.get(header, "").lower():
            return stack, f"the header {header}"
    return "", ""
