"""From the forms of a few pages to `site.flow`: what is likely, marked as a guess, and what must be filled in.

Declaring a flow is consent to run it, so that a guess is only made of a form that keeps something of its visitor, such
as a cart; every other form, and every login, stands in comments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.drafting.lines import Line, flow_map, quoted
from sessiondoctor.drafting.visit import LOGIN, STATE, path_below
from sessiondoctor.formats.affinity_names import is_csrf_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.drafting.visit import Page, Visit
    from sessiondoctor.probes.browser.page_form import PageForm

_TOKENS = re.compile(
    r"(?i)authenticity_token|_token|form_key|logintoken|nonce|_wpnonce|__VIEWSTATE|javax\.faces\.ViewState"
)
_REACHES_PEOPLE = re.compile(
    r"(?i)contact|newsletter|subscri|checkout|order|pay|comment|register|sign[-_]?up|mail|message"
)
_NUMBERS = re.compile(r"(?i)qty|quantity|amount|count|number|size|price")
_EXAMPLE = (
    'write: {method: POST, path: /cart, form: {item: "{marker}"}}',
    'read: {path: /cart, expect: "{marker}"}',
)


def flow_lines(visit: Visit | None) -> Iterator[Line]:
    """`flow:` and what is in it."""
    forms = [(page, form) for page in (visit.pages if visit else ()) for form in page.forms if page.path]
    stateful = next(((page, form) for page, form in forms if keeps_state(page, form)), None)
    yield Line("flow:" if stateful else "# flow:", "how to put state in a session and see it again; decides most", 1)
    if stateful and visit:
        yield from _guess(*stateful, visit)
    else:
        if visit and visit.followed_by:
            yield Line(f"# without one, a scan follows sessions by {visit.followed_by}", depth=2)
        yield Line("# TODO: one request that puts a text into the session, and one whose page shows it:", depth=2)
        yield from (Line(f"#   {line}", depth=1) for line in _EXAMPLE)
    login = next(((page, form) for page, form in forms if form.passwords), None)
    yield from _login(*login) if login else _no_login(visit)
    tokened = next(((page, form, name) for page, form in forms if (name := token_of(form))), None)
    if tokened:
        yield from _form(*tokened)


def keeps_state(page: Page, form: PageForm) -> bool:
    """Whether a form is likely to put a text that its user types into the session, and to do no harm."""
    words = f"{page.path} {form.action}"
    texts = [name for name in form.shown if not _NUMBERS.search(name)]
    harmless = not _REACHES_PEOPLE.search(f"{words} {' '.join(form.names)}")
    return form.method == "POST" and not form.passwords and bool(texts) and bool(STATE.search(words)) and harmless


def token_of(form: PageForm) -> str:
    """The field with a token against cross-site request forgery; empty if there is none."""
    hidden = (name for name in form.names if name not in form.shown)
    return next((name for name in hidden if is_csrf_name(name) or _TOKENS.fullmatch(name)), "")


def _guess(page: Page, form: PageForm, visit: Visit) -> Iterator[Line]:
    field = next(name for name in form.shown if not _NUMBERS.search(name))
    shown_at = path_below(form.action, visit.url) or page.path
    yield Line("# A guess by the form on that page: a text of our own is sent, and looked for afterwards.", depth=2)
    yield Line("write:", depth=2)
    yield Line(f"- {{path: {quoted(page.path)}}}", depth=3)
    yield Line(f"- {{form: auto, fields: {flow_map({field: '{marker}'})}}}", depth=3)
    yield Line(f"read: {{path: {quoted(shown_at)}, expect: {quoted('{marker}')}}}", "a guess, too", 2)


def _login(page: Page, form: PageForm) -> Iterator[Line]:
    """A login as comments: whoever has an account takes the signs away."""
    user = next((name for name in form.shown if name not in form.passwords), "")
    fields = {**({user: "{user}"} if user else {}), form.passwords[0]: "{password}"}
    yield Line("# TODO: an account for tests; its words come from the environment. Then take the signs away:", depth=2)
    for line in (
        'accounts: [{user: "${TEST_USER}", password: "${TEST_PASSWORD}"}]',
        "login:",
        f"  - {{path: {quoted(page.path)}}}",
        f"  - {{form: auto, fields: {flow_map(fields)}}}",
        'logged_in: {path: /TODO, expect: "a text that only somebody who is logged in sees"}',
    ):
        yield Line(f"#   {line}", depth=1)


def _no_login(visit: Visit | None) -> Iterator[Line]:
    page = next((page for page in (visit.pages if visit else ()) if LOGIN.search(page.path)), None)
    if page:
        yield Line(f"# TODO: {quoted(page.path)} looks like the login page, and has no form with a password.", depth=2)


def _form(page: Page, _form: PageForm, token: str) -> Iterator[Line]:
    yield Line(f"# TODO: to see whether tokens ({quoted(token)}) hold on every node; it sends the form once a session:",
               depth=2)  # fmt: skip
    yield Line(f"#   form: [{{path: {quoted(page.path)}}}, {{form: auto}}]", depth=1)
