"""A naive browser for products of others: it fills in the forms that it finds. No code of the tool."""

from __future__ import annotations

import http.client
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Forms(HTMLParser):
    """The forms of a page: action, method, and the fields with their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a form's beginning, or a field of the last form."""
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(known.get("action", ""), known.get("method", "get").upper()))
        elif tag in {"input", "button"} and self.found and "name" in known:
            kind = known.get("type", "text" if tag == "input" else "submit").lower()
            if kind not in {"checkbox", "radio", "file"}:
                self.found[-1].fields[known["name"]] = known.get("value", "")
        elif tag == "select":
            self._select = known.get("name", "")
        elif tag == "option" and self._select and self.found:
            first = self._select not in self.found[-1].fields
            if first or "selected" in known:
                self.found[-1].fields[self._select] = known.get("value", "")


class Form:
    """One form, as it came."""

    def __init__(self, action: str, method: str) -> None:
        self.action = action
        self.method = method
        self.fields: dict[str, str] = {}


def submit(client: httpx.Client, page: httpx.Response, filled: Mapping[str, str]) -> httpx.Response:
    """Send the form of a page that has these fields; all its others go with it as they are."""
    form = next((form for form in Forms(page.text).found if filled.keys() <= form.fields.keys()), None)
    if form is None:
        # A browser has nothing to send; what was asked for is not there, which is what a lost session looks like.
        return page
    try:
        return client.request(form.method, urljoin(str(page.url), form.action), data={**form.fields, **filled})
    except httpx.TooManyRedirects:
        # One node says "you are in", the other "sign in first".
        return page


def shows(client: httpx.Client, path: str, mark: str) -> bool:
    """Whether a page has that text; one that only redirects from here to there has not."""
    try:
        return mark in client.get(path).text
    except httpx.TooManyRedirects:
        return False


def by_form(page: str, filled: Mapping[str, str], inside: str, mark: str) -> Callable[[httpx.Client, int], list[bool]]:
    """Opens `page`, signs in by its form, and looks whether `inside` shows `mark`."""

    def visit(client: httpx.Client, looks: int) -> list[bool]:
        submit(client, client.get(page), filled)
        return [shows(client, inside, mark) for _ in range(looks)]

    return visit


def answers(port: int, path: str) -> bool:
    """Whether 127.0.0.1 answers anything that is not an error of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
