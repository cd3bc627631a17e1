"""The steps of a declared flow: their requests, what is wrong with a response, and what is taken out of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote, urlencode

from sessiondoctor.linear_regex import search
from sessiondoctor.probes.browser.extract import extract, how_said
from sessiondoctor.topology.steps import ACTION
from sessiondoctor.wire.address import below, split_url
from sessiondoctor.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sessiondoctor.probes.browser.page_form import PageForm
    from sessiondoctor.topology.steps import Step
    from sessiondoctor.wire.message import Headers, Response

Pairs = tuple[tuple[str, str], ...]
Why = Literal["", "unreachable", "status", "elsewhere", "expectation", "extract", "form"]
"""Kinds of trouble. `elsewhere`: a redirect was not followed, because it leaves the site or is one too many."""

_BRACES = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NO_SESSION = re.compile(r"csrf|xsrf|cookie|content-|accept|idempotency|request-id")  # headers of steps
_BODILESS = {"GET", "HEAD"}
_LINE_BREAKS = re.compile(r"[\r\n\x00]")


def named(step: Step) -> str:
    """The step in words, without its query: `POST /cart`."""
    if step.auto and not step.path:
        return "the form of the page"
    return f"{step.method} {step.path.partition('?')[0] or '/'}"


def fill(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """The text with the known names in braces replaced by their values; other braces stay as they are."""
    return _BRACES.sub(lambda found: escape(values[found[1]]) if found[1] in values else found[0], text)


def names_in(*texts: str) -> frozenset[str]:
    """The names in braces in these texts."""
    return frozenset(name for text in texts for name in _BRACES.findall(text))


def uses_token(steps: Iterable[Step]) -> bool:
    """Whether steps send something that was extracted in a header, as with `Authorization: Bearer {jwt}`."""
    headers = ((name.lower(), value) for step in steps for name, value in step.headers.items())
    return any(_BRACES.search(value) and not _NO_SESSION.search(name) for name, value in headers)


def request_of(
    step: Step, base: str, values: Mapping[str, str], *, origin: str = "", form: PageForm | None = None
) -> Request:
    """The request of a step below the URL `base`; one without a path is for that URL itself.

    A browser says its `origin` with everything but GET and HEAD. `form` is what the step reads from the page before.
    """
    method = form.method if form and step.auto and step.method == "GET" else step.method
    sent = _sent(step, values, form)
    body, kind = _body(step, sent, values) if method not in _BODILESS else (b"", ())
    extra = (("Origin", origin),) if origin and method not in _BODILESS else ()
    given = tuple((name, _one_line(fill(value, values))) for name, value in step.headers.items())
    url = _url(step, base, values, form)
    if method in _BODILESS and sent:
        url = f"{url.partition('?')[0]}?{urlencode(sent)}"
    return Request(url, method, (*_unless(given, (*extra, *kind)), *given), body)


def objection(step: Step, response: Response, values: Mapping[str, str]) -> tuple[Why, str]:
    """What is wrong with the final response; both empty if nothing is."""
    status = response.status
    if not (status == step.status if step.status else status < 400):
        return "status", f"status {status}" + (f", expected {step.status}" if step.status else "")
    if step.expect and not _holds(response.text, fill(step.expect, values)):
        return "expectation", "the expected text is not there"
    if step.expect_regex and not search(fill(step.expect_regex, values, re.escape), response.text):
        return "expectation", "the expected pattern is not there"
    return "", ""


def take(step: Step, response: Response, values: dict[str, str], held: Mapping[str, str]) -> tuple[Why, str]:
    """Put the values that later steps need into `values`; what is wrong if one is not there.

    A cookie's value is one that the response sets, else the one of these that the client `held`: a site need not set
    its CSRF cookie again. It is decoded as scripts do before they send it in a header.
    """
    for name, how in step.extract.items():
        value = extract(how, response)
        if how.cookie:
            value = held.get(how.cookie) if value is None else value
            value = value if value is None else unquote(value)
        if value is None:
            return "extract", f"there is no value for {{{name}}} ({how_said(how)})"
        values[name] = value
    return "", ""


def _url(step: Step, base: str, values: Mapping[str, str], form: PageForm | None) -> str:
    if form and (step.path == ACTION or not step.path):
        url = f"{split_url(base).origin}{split_url(form.action).path}"  # the same page, wherever the step is sent
    else:
        url = below(base, fill(step.path, values, _quoted)) if step.path else base
    if not step.query:
        return url
    query = urlencode({name: fill(value, values) for name, value in step.query.items()})
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _sent(step: Step, values: Mapping[str, str], form: PageForm | None) -> Pairs:
    """The fields of a form."""
    declared = {name: fill(value, values) for name, value in (step.fields if step.auto else step.form).items()}
    return form.filled(declared) if form and step.auto else tuple(declared.items())


def _body(step: Step, sent: Pairs, values: Mapping[str, str]) -> tuple[bytes, Headers]:
    if sent:
        return urlencode(sent).encode(), (("Content-Type", "application/x-www-form-urlencoded"),)
    if step.json:
        return json.dumps(_filled(step.json, values)).encode(), (("Content-Type", "application/json"),)
    return b"", ()


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """JSON with the braces in its texts filled in."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, dict):
        return {key: _filled(inside, values) for key, inside in value.items()}
    return [_filled(inside, values) for inside in value] if isinstance(value, list | tuple) else value


def _unless(given: Headers, defaults: Headers) -> Headers:
    """The defaults that are not given."""
    names = {name.lower() for name, _ in given}
    return tuple(pair for pair in defaults if pair[0].lower() not in names)


def _quoted(value: str) -> str:
    return quote(value, safe="")


def _one_line(value: str) -> str:
    """What a server made us extract may not add headers of its own."""
    return _LINE_BREAKS.sub("", value)


def _holds(text: str, wanted: str) -> bool:
    """Whether the text is there as it is, or as a browser shows it."""
    if wanted in text:
        return True
    from html import unescape

    return "&" in text and wanted in unescape(text)
