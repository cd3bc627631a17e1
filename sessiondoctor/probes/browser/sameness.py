"""Whether the session is still the one it was: the same token in a form, the session's cookie not replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.probes.browser.csrf_token import same_token
from sessiondoctor.probes.browser.extract import extract, how_said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessiondoctor.probes.browser.flow import Why
    from sessiondoctor.probes.browser.results import Answer
    from sessiondoctor.topology.steps import Step


def unlike(step: Step, answers: Sequence[Answer], known: Mapping[str, str]) -> tuple[Why, str]:
    """Whether a token is another one than before, or the session's cookie was replaced; both empty if neither is."""
    for name, how in step.same.items():
        token = extract(how, answers[-1].response)
        if token is None or not same_token(token, known.get(name, "")):
            return "expectation", f"there is {'no' if token is None else 'another'} {{{name}}} ({how_said(how)})"
    if step.keeps and any(_replaces(answer, step.keeps) for answer in answers):
        return "expectation", f"the cookie {step.keeps} is replaced"
    return "", ""


def _replaces(answer: Answer, name: str) -> bool:
    """Whether a response sets a cookie to another value than its request carried."""
    sent = {cookie.value for cookie in answer.sent if cookie.name == name}
    return any(one.cookie.name == name and (one.deletes or one.cookie.value not in sent) for one in answer.settings)
