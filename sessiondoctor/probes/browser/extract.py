"""Takes one value out of a response, as an `extract` or `node` of the topology says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.linear_regex import search
from sessiondoctor.probes.browser.css import read_selector, select

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Extract
    from sessiondoctor.wire.message import Response

LONGEST_VALUE = 8192
"""Characters of an extracted value; a longer one is none: no token of a form is that long."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def extract(how: Extract, response: Response) -> str:
    """Return the value; empty if the response has none."""
    value = _value(how, response)
    return value if len(value) <= LONGEST_VALUE else ""


def how_said(how: Extract) -> str:
    """Say where the value was looked for, for messages."""
    places = {"regex": how.regex, "json": how.json, "header": how.header, "cookie": how.cookie, "css": how.css}
    return next((f"{kind}: {text}" for kind, text in places.items() if text), "nothing")


def _value(how: Extract, response: Response) -> str:
    if how.header:
        return response.header(how.header)
    if how.cookie:
        return _cookie(how.cookie, response)
    if how.json:
        return _pointed_at(how.json, response)
    return _by_regex(how.regex, response) if how.regex else _by_css(how.css, response)


def _cookie(name: str, response: Response) -> str:
    cookies = map(read_set_cookie, response.all("set-cookie"))
    return next((cookie.value for cookie in cookies if cookie.name == name), "")


def _pointed_at(pointer: str, response: Response) -> str:
    """The text, number or truth value that a JSON pointer (RFC 6901) leads to."""
    try:
        value = json.loads(response.body)
        for step in pointer.split("/")[1:]:
            value = _inside(value, step.replace("~1", "/").replace("~0", "~"))
    except (ValueError, LookupError, RecursionError):
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, int | float) else ""


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value[step]
    if isinstance(value, list) and _INDEX.fullmatch(step):
        return value[int(step)]
    raise LookupError(step)


def _by_regex(pattern: str, response: Response) -> str:
    """The first group, else the whole match; what stands in HTML is unescaped."""
    found = search(pattern, response.text)
    if not found:
        return ""
    value = (found[1] if found.re.groups else found[0]) or ""
    return _unescaped(value) if "html" in response.header("content-type").lower() else value


def _by_css(text: str, response: Response) -> str:
    selector = read_selector(text)
    return (select(response.text, selector) or "") if selector else ""


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text)
