"""Redirects, followed as a browser does, as long as they stay on the host."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import UsageError
from sessiondoctor.wire.address import Target, ascii_reference, join, split_url

if TYPE_CHECKING:
    from sessiondoctor.wire.address import Origin
    from sessiondoctor.wire.message import Headers, Request, Response

_AS_GET = {301, 302, 303}
_SAME_METHOD = {307, 308}
_OF_THE_BODY = {"content-type", "content-length", "content-encoding", "content-language", "transfer-encoding"}


def redirected_to(response: Response) -> str:
    """Return the absolute URL that a redirect leads to; empty if it is none, or leads to no web page."""
    location = response.header("location")
    if response.status not in _AS_GET | _SAME_METHOD or not location:
        return ""
    try:
        return join(response.url, ascii_reference(location))
    except UsageError:
        return ""


def next_request(request: Request, response: Response) -> Request | None:
    """Return the request that a browser sends after a redirect; None if it ends here or leaves the host."""
    url = redirected_to(response)
    onward = _on_this_host(request, split_url(url)) if url else None
    if onward is None:
        return None
    withheld = _withheld(split_url(request.url).origin, onward.origin)
    moved = replace(request, url=onward.url, headers=_without(request.headers, withheld))
    if response.status in _SAME_METHOD or request.method == "HEAD":
        return moved
    return replace(moved, method="GET", body=b"", headers=_without(moved.headers, _OF_THE_BODY))


def _withheld(here: Origin, there: Origin) -> set[str]:
    """Return the headers that must not follow: nothing secret leaves TLS, and a password is for one port.

    Cookies know no ports (RFC 6265 section 8.5). The step from http to https at the usual ports keeps all.
    """
    if here.scheme == "https" and there.scheme == "http":
        return {"authorization", "cookie"}
    return set() if here.port == there.port or (here.port, there.port) == (80, 443) else {"authorization"}


def _on_this_host(request: Request, there: Target) -> Target | None:
    """Return where to send the next request.

    A node that is asked by its own address under the site's name redirects to the site's name: that is
    still this node, at the same scheme and port.
    """
    here = split_url(request.url).origin
    if there.origin.host == here.host:
        return there
    return Target(here, there.path) if there.origin.host == request.virtual_host else None


def _without(headers: Headers, names: set[str]) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in names)
