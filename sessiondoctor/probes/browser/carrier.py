"""Sessions that travel in no cookie: in a header that responses hand out and requests send back, or in URLs.

Headers: `X-Auth-Token` of Spring Session (HeaderHttpSessionIdResolver, which takes a session back by an empty value),
`Mcp-Session-Id` of the Model Context Protocol's Streamable HTTP. URLs: `;jsessionid=` (Jakarta Servlet 6.0, 7.1.3) and
`PHPSESSID=` (PHP with session.use_trans_sid).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sessiondoctor.probes.browser.flow import uses_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.formats.jar import Carrier, Jar, StoredCookie
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.message import Headers, Request, Response

KNOWN: Final = (("x-auth-token", "X-Auth-Token"), ("mcp-session-id", "Mcp-Session-Id"))
"""Names in responses, lower case, and in requests."""

_FAILED = 400
_LONGEST = 1024
_READ = 64 * 1024  # characters of a page that is searched for links
_IN_URL = re.compile(r"(?i);(jsessionid)=([A-Za-z0-9._!~+-]{8,200})|[?&;](PHPSESSID)=([A-Za-z0-9,-]{8,200})")


@dataclass(frozen=True, slots=True)
class Carriers:
    """What carries sessions besides cookies.

    Attributes:
        headers: names in responses, lower case, and in requests.
        urls: whether URLs may; None where that is to be seen.
    """

    headers: tuple[tuple[str, str], ...] = KNOWN
    urls: bool | None = None

    @classmethod
    def of(cls, topology: Topology) -> Carriers:
        """As declared, else those that are known."""
        declared = topology.site.session_header
        response, request = declared.response or declared.request, declared.request or declared.response
        headers = ((response.lower(), request),) if response else KNOWN
        return cls(headers, topology.site.url_sessions)

    def handed_out(self, response: Response, jar: Jar) -> Iterator[tuple[str, str, Carrier]]:
        """Name, value and carrier of each session that a response hands out; an empty value takes it back.

        An error hands out none in a header: MCP's answer to a request that was not understood names one all the same.
        """
        for name, shown in self.headers if response.status < _FAILED else ():
            for value in response.all(name)[:1]:
                if len(value) <= _LONGEST:
                    yield shown, value.strip(), "header"
        if self.urls is not False:
            yield from ((name, value, "url") for name, value in self._in_urls(response, jar))

    def _in_urls(self, response: Response, jar: Jar) -> Iterator[tuple[str, str]]:
        """The id in a redirect or in a page's links, where the site sets no cookie of that name beside it.

        Servers write both into their first answer; a browser that keeps the cookie has the cookie.
        """
        kind = response.header("content-type").lower()
        text = response.header("location") + (response.text[:_READ] if "html" in kind else "")
        found = _IN_URL.search(text)
        if not found:
            return
        name, value = (found[1].upper(), found[2]) if found[1] else (found[3], found[4])
        by_cookie = any(header.startswith(f"{name}=") for header in response.all("set-cookie"))
        held = any(cookie.name == name and cookie.carrier == "cookie" for cookie in jar.all())
        if self.urls or not (by_cookie or held):
            yield name, value


RECOGNISED: Final = Carriers()
"""What is known without a declaration."""


def carrying(request: Request, carried: Iterable[StoredCookie]) -> Request:
    """The request with the sessions that travel in headers and in its URL."""
    for session in carried:
        if session.carrier == "header" and not _has(request.headers, session.name):
            request = replace(request, headers=(*request.headers, (session.name, session.value)))
        if session.carrier == "url" and not _IN_URL.search(request.url):
            request = replace(request, url=_rewritten(request.url, session))
    return request


def carrier_of(topology: Topology, seen: Iterable[Carrier]) -> Carrier:
    """What carries this site's sessions, by what was handed out, else by the headers of the declared steps."""
    for carrier in seen:
        return carrier
    flow = topology.site.flow
    return "header" if uses_token((*flow.read, *flow.write, *flow.logged_in)) else "cookie"


def _rewritten(url: str, session: StoredCookie) -> str:
    path, mark, query = url.partition("?")
    if session.name == "JSESSIONID":
        return f"{path};jsessionid={session.value}{mark}{query}"
    return f"{url}{'&' if mark else '?'}{session.name}={session.value}"


def _has(headers: Headers, name: str) -> bool:
    return any(given.lower() == name.lower() for given, _ in headers)
