"""Takes one value out of a response, as an `extract` or `node` of the topology says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.linear_regex import search
from sessiondoctor.probes.browser.html import select

if TYPE_CHECKING:
    from sessiondoctor.topology.steps import Extract
    from sessiondoctor.wire.message import Response

LONGEST_VALUE = 8192
"""Characters of an extracted value; a longer one is none: no token of a form is that long."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def extract(how: Extract, response: Response) -> str | None:
    """The value, which may be empty; None if the response has none."""
    value = _value(how, response)
    return value if value is not None and len(value) <= LONGEST_VALUE else None


def how_said(how: Extract) -> str:
    """Say where the value was looked for, for messages."""
    places = {"regex": how.regex, "json": how.json, "header": how.header, "cookie": how.cookie, "css": how.css}
    return next((f"{kind}: {text}" for kind, text in places.items() if text), "nothing")


def _value(how: Extract, response: Response) -> str | None:
    if how.header:
        return next(iter(response.all(how.header)), None)
    if how.cookie:
        return _cookie(how.cookie, response)
    if how.json:
        return _pointed_at(how.json, response)
    return _by_regex(how.regex, response) if how.regex else select(response.text, how.css)


def _cookie(name: str, response: Response) -> str | None:
    cookies = map(read_set_cookie, response.all("set-cookie"))
    return next((cookie.value for cookie in cookies if cookie.name == name), None)


def _pointed_at(pointer: str, response: Response) -> str | None:
    """The text, number or truth value that a JSON pointer (RFC 6901) leads to."""
    try:
        value = json.loads(response.body)
        for step in pointer.split("/")[1:]:
            value = _inside(value, step.replace("~1", "/").replace("~0", "~"))
    except (ValueError, LookupError, RecursionError):
        return None
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, int | float) else None


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value[step]
    if isinstance(value, list) and _INDEX.fullmatch(step):
        return value[int(step)]
    raise LookupError(step)


def _by_regex(pattern: str, response: Response) -> str | None:
    """The first group, else the whole match; what stands in HTML is unescaped."""
    found = search(pattern, response.text)
    if not found:
        return None
    value = (found[1] if found.re.groups else found[0]) or ""
    return _unescaped(value) if "html" in response.header("content-type").lower() else value


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text)
