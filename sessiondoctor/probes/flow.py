"""Runs a declared flow: requests, what their responses must be, and what is taken out of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.topology.model import Extract, Step
    from sessiondoctor.wire.message import Response

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_REFUSED = 400


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One step with its placeholders filled in; `path` is relative to the URL it is sent to."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def fill(step: Step, values: Mapping[str, str]) -> Outgoing:
    """The request of a step. Unknown braces are plain text."""
    headers = [(name, _filled(value, values)) for name, value in step.headers.items()]
    body = b""
    if step.form:
        body = urlencode({name: _filled(value, values) for name, value in step.form.items()}).encode()
        headers.append(("content-type", "application/x-www-form-urlencoded"))
    elif step.json:
        body = json.dumps(_filled_json(step.json, values)).encode()
        headers.append(("content-type", "application/json"))
    path = _PLACE.sub(lambda m: quote(values.get(m[1], m[0]), safe=""), step.path)
    if step.query:
        query = urlencode({name: _filled(value, values) for name, value in step.query.items()})
        path += ("&" if "?" in path else "?") + query
    return Outgoing(step.method, path, tuple(headers), body)


def objection(step: Step, response: Response, values: Mapping[str, str]) -> str:
    """Why this response is not what the step wants; empty if it is."""
    if step.status is not None and response.status != step.status:
        return f"{step.method} {step.path}: status {response.status}, expected {step.status}"
    if step.status is None and response.status >= _REFUSED:
        return f"{step.method} {step.path}: status {response.status}"
    return "" if shows(step, response, values) else f"{step.method} {step.path}: the expected text is not there"


def shows(step: Step, response: Response, values: Mapping[str, str]) -> bool:
    """Whether the response has the text that the step expects, as it stands or with HTML entities resolved."""
    text = response.text
    wanted = _filled(step.expect, values)
    if wanted and wanted not in text and wanted not in unescape(text):
        return False
    pattern = _PLACE.sub(lambda m: re.escape(values[m[1]]) if m[1] in values else m[0], step.expect_regex)
    return not pattern or re.search(pattern, text) is not None


def take(extracts: Mapping[str, Extract], response: Response, cookies: Mapping[str, str]) -> dict[str, str]:
    """The values to be used by later steps; what is not there is left out."""
    found = {name: pick(extract, response, cookies) for name, extract in extracts.items()}
    return {name: value for name, value in found.items() if value}


def pick(extract: Extract, response: Response, cookies: Mapping[str, str]) -> str:
    """One value of a response; empty if it is not there."""
    if extract.header:
        return response.header(extract.header).strip()
    if extract.cookie:
        return cookies.get(extract.cookie, "")
    if extract.json:
        return _pointed(response.text, extract.json)
    if extract.css:
        return _selected(response.text, extract.css)
    match = re.search(extract.regex, response.text) if extract.regex else None
    return (match[1] if match.re.groups else match[0]) if match else ""


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda m: values.get(m[1], m[0]), text)


def _filled_json(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _filled(value, values)
    if isinstance(value, dict):
        return {name: _filled_json(item, values) for name, item in value.items()}
    return [_filled_json(item, values) for item in value] if isinstance(value, list) else value


def _pointed(text: str, pointer: str) -> str:
    """RFC 6901."""
    try:
        value = json.loads(text)
        for token in pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return ""
    return value if isinstance(value, str) else json.dumps(value)


_SIMPLE = re.compile(r"([a-zA-Z][\w-]*)?((?:[#.][\w-]+|\[[\w:-]+(?:=['\"]?[^'\"\]]*['\"]?)?\])*)")
_PART = re.compile(r"([#.])([\w-]+)|\[([\w:-]+)(?:=['\"]?([^'\"\]]*)['\"]?)?\]")


class _Finder(HTMLParser):
    """Finds the first element that a simple selector (tag, #id, .class, [attribute=value]) means."""

    def __init__(self, selector: str) -> None:
        super().__init__(convert_charrefs=True)
        match = _SIMPLE.fullmatch(selector.strip())
        self._tag = (match[1] or "").lower() if match else "\0"
        self._parts = _PART.findall(match[2]) if match else []
        self.found = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes value or content of the first match, or else its text."""
        given = {name: value or "" for name, value in attrs}
        if self.found or self._inside or not self._matches(tag, given):
            return
        self.found = given.get("value") or given.get("content") or ""
        self._inside = not self.found

    def handle_data(self, data: str) -> None:
        """The text of the match."""
        if self._inside:
            self.found, self._inside = data.strip(), False

    def _matches(self, tag: str, given: dict[str, str]) -> bool:
        return self._tag in {"", tag} and all(self._has(given, *part) for part in self._parts)

    @staticmethod
    def _has(given: dict[str, str], sign: str, name: str, attribute: str, value: str) -> bool:
        if sign == "#":
            return given.get("id") == name
        if sign == ".":
            return name in given.get("class", "").split()
        return attribute in given and (not value or given[attribute] == value)


def _selected(text: str, selector: str) -> str:
    finder = _Finder(selector)
    finder.feed(text)
    return finder.found
