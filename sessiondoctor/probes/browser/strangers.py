"""What a client may be asked that is new and has nothing of another one: no cookie, no token, no page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sessiondoctor.probes.browser.flow import names_in

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessiondoctor.topology.steps import Step
    from sessiondoctor.wire.message import Headers

_CREDENTIALS = {"authorization", "cookie"}


def names_sent(step: Step) -> frozenset[str]:
    """The names in braces that the request of a step is filled in with, as far as they are known then."""
    given = step.fields if step.auto else step.form
    texts = (*given.values(), *step.query.values(), *step.headers.values())
    return names_in(step.path, *texts, json.dumps(step.json))


def can_take(steps: Sequence[Step], known: Collection[str]) -> bool:
    """Whether a new client can take these steps of another one.

    It lacks the page before and the values whose names are `known` to that one, unless an earlier step gave it its own.
    """
    lacking = set(known)
    for number, step in enumerate(steps):
        if lacking & names_sent(step) or (step.reads_form and number == 0):
            return False
        lacking -= step.extract.keys()
    return True


def writes_own(steps: Sequence[Step]) -> bool:
    """Whether each client writes something of its own, so that no two have the same state."""
    return any("marker" in names_sent(step) for step in steps)


def shows_writer(steps: Sequence[Step], headers: Headers) -> bool:
    """Whether steps that succeed show what another client wrote, and that another user did.

    A text that is the same for everybody may be shown to everybody. Whoever sends the declared credentials of another
    client, with one step or by the `headers` of all, is the same user.
    """
    sent = {name.lower() for name, _ in headers} | {name.lower() for step in steps for name in step.headers}
    looked_for = (text for step in steps for text in (step.expect, step.expect_regex))
    return "marker" in names_in(*looked_for) and not sent & _CREDENTIALS
