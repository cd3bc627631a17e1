"""HTTP Archive 1.2: what browsers and proxies export (http://www.softwareishard.com/blog/har-12-spec/)."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sessiondoctor.captures.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 20_000
_MOST_BODY = 64 << 10
_LONGEST = 64 << 10


def read_har(text: str) -> tuple[Recorded, ...]:
    """All exchanges in order of time; those of one browser have one client.

    Raises:
        ValueError: it is no HAR.
    """
    try:
        document = json.loads(text)
        entries = document["log"]["entries"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a HAR file: there is no log.entries") from error
    if not isinstance(entries, list):
        raise ValueError("not a HAR file: log.entries is not a list")  # noqa: TRY004 - a mistake in a file
    found = [exchange for entry in entries[:_MOST] if (exchange := _exchange(entry))]
    return tuple(sorted(found, key=lambda exchange: exchange.at))


def looks_like_har(text: str) -> bool:
    """By its beginning."""
    head = text[:4000]
    return head.lstrip().startswith("{") and '"log"' in head and ('"creator"' in head or '"entries"' in head)


def _exchange(entry: Any) -> Recorded | None:
    request, response = _part(entry, "request"), _part(entry, "response")
    url = request.get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    return Recorded(
        url=url[:_LONGEST],
        method=str(request.get("method", "GET"))[:20],
        sent=tuple(_headers(request)),
        status=_status(response),
        headers=tuple(_headers(response)),
        body=_body(response),
        at=_at(entry),
        client="browser",
        address=str(entry.get("serverIPAddress", ""))[:60],
    )


def _part(entry: Any, name: str) -> dict[str, Any]:
    part = entry.get(name) if isinstance(entry, dict) else None
    return part if isinstance(part, dict) else {}


def _headers(part: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Firefox and Chrome join Set-Cookie headers by line feeds."""
    listed = part.get("headers")
    for header in listed[:500] if isinstance(listed, list) else ():
        name, value = _part({"h": header}, "h").get("name"), _part({"h": header}, "h").get("value")
        if isinstance(name, str) and isinstance(value, str):
            for one in value.split("\n") if name.lower() == "set-cookie" else (value,):
                yield name[:200], one[:_LONGEST]


def _status(response: dict[str, Any]) -> int:
    status = response.get("status")
    return status if isinstance(status, int) and 100 <= status < 600 else 0  # what a status is


def _body(response: dict[str, Any]) -> bytes:
    content = _part(response, "content")
    text = content.get("text")
    if not isinstance(text, str):
        return b""
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(text[: _MOST_BODY * 2 // 4 * 4], validate=False)[:_MOST_BODY]
        except binascii.Error:
            return b""
    return text[:_MOST_BODY].encode("utf-8", "replace")


def _at(entry: Any) -> float:
    try:
        return datetime.fromisoformat(entry["startedDateTime"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return 0.0
