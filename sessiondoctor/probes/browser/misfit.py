"""Why a step of a flow was not as declared, in the words of the page that came instead."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sessiondoctor.probes.browser.flow import fill, named
from sessiondoctor.probes.browser.html import tree_of
from sessiondoctor.probes.browser.page_form import form_for, forms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessiondoctor.probes.browser.results import StepResult
    from sessiondoctor.topology.steps import Step
    from sessiondoctor.wire.message import Response

_LOCKED = re.compile(r"(?i)(account|user)[^.<]{0,30}\b(locked|disabled|blocked|suspended)|too many[^.<]{0,20}attempts")
_TOKEN = re.compile(r"(?i)csrf|xsrf|authenticity.?token|requestverificationtoken|forgery|nonce")
_REFUSING = {400, 403, 409, 419, 422}
FAILED: Final = 400
"""The least status that is no page."""

_PASSWORD = re.compile(r"(?i)pass|pwd")
_BEGINNING = 8  # characters of a text that is cut off
_MOST_FIELDS = 6
_SHOWN = 60


def why(step: Step, result: StepResult, values: Mapping[str, str]) -> str:
    """One line about a step that failed."""
    if not result.answers:
        return result.trouble
    final = result.answers[-1].response
    reasons = (
        _locked(final),
        _token_wanted(step, final),
        _login_again(result),
        _text_elsewhere(step, final, values) if result.why == "expectation" else "",
    )
    more = next(filter(None, reasons), "")
    return f"{result.trouble}; {more}" if more else result.trouble


def where_is(text: str, response: Response) -> str:
    """Where a response has a text: as it is, as a browser shows it, inside other text, or only its beginning."""
    body, kind = response.text, response.header("content-type").lower()
    headers = " ".join((*response.all("location"), *response.all("set-cookie")))
    places = {
        "in JSON" if "json" in kind else "in its text": text in body,
        "HTML-escaped": text in unescape(body),
        "JSON-escaped": json.dumps(text)[1:-1] in body,
        "in other letter case": text.lower() in body.lower(),
        "with markup or spaces in between": _squeezed(text) in _squeezed(_text_of(body)),
        "in a header": text in headers,
        "cut off": len(text) > _BEGINNING and text[:_BEGINNING] in body,
    }
    return next((place for place, there in places.items() if there), "")


def asks_for_password(response: Response) -> bool:
    """Whether a page has a field for a password: it is a login page."""
    tree = tree_of(response.text) if "password" in response.text.lower() else None
    return tree is not None and tree.css_first("input[type=password]") is not None


def _locked(response: Response) -> str:
    found = _LOCKED.search(response.text)
    return f"it says {found[0][:_SHOWN]!r}" if found else ""


def fields_unlike(posts: Iterable[tuple[Step, str]], pages: Sequence[Response]) -> str:
    """What the pages' own forms are called like, where a step sends other fields to the path of such a form."""
    for step, path in posts:
        names = [name for name in (step.fields if step.auto else step.form) if name]
        for page in pages:
            own = [form for form in forms_of(page) if urlsplit(form.action).path == path and form.names]
            form = form_for(own, names)
            missing = [name for name in names if form and name not in form.names]
            others = [name for name in form.shown if name not in names] if form else []
            if missing and others:
                return f"the form on {urlsplit(page.url).path} has {_listed(others)}, not {_listed(missing)}"
    return ""


def _token_wanted(step: Step, response: Response) -> str:
    sent = step.auto or any(_TOKEN.search(name) for name in (*step.form, *step.headers, *step.query, *step.json))
    if response.status not in _REFUSING or not _TOKEN.search(response.text):
        return ""
    return "it refuses the form's token" if sent else "it wants a token, which the step does not send"


def came_again(step: Step, result: StepResult) -> str:
    """Whether the login page came again after a password was sent, in one line; empty if it did not."""
    final = result.answers[-1].response
    sent = any(_PASSWORD.search(name) for name in (*step.form, *step.fields, *step.json))
    if not sent or final.status >= FAILED or not asks_for_password(final):
        return ""
    page = urlsplit(final.url).path
    return f"{named(step)}: the login page {page} came again: user or password is wrong, or a field is missing"


def _login_again(result: StepResult) -> str:
    first, final = result.answers[0].response, result.answers[-1].response
    if final.status >= FAILED or not asks_for_password(final):
        return ""
    shown = f"the login page {urlsplit(final.url).path}"
    return f"{shown} came instead" if first.url != final.url else f"it is {shown}"


def _text_elsewhere(step: Step, response: Response, values: Mapping[str, str]) -> str:
    wanted = fill(step.expect, values)
    place = where_is(wanted, response) if wanted else ""
    if place:
        return f"the page has it {place}"
    kind = response.header("content-type").partition(";")[0].strip() or "no Content-Type"
    return f"{named(step)} answered {response.status}, {kind}, {len(response.body)} bytes"


def _text_of(page: str) -> str:
    tree = tree_of(page)
    return tree.text() if tree and "<" in page else page


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name[:_SHOWN]}`" for name in [*names][:_MOST_FIELDS])
