"""How this site's sessions are made and looked at: by the declared flow, else by opening the URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.evidence.entry.visits import State
from sessiondoctor.topology.steps import Step

if TYPE_CHECKING:
    from sessiondoctor.probes.browser.results import FlowResult, StepResult
    from sessiondoctor.topology.steps import Flow

SERVER_ERROR = 500

# Unauthorized; Laravel's and others' "page expired"; the "login timeout" of IIS.
_LOGGED_OUT = {401, 419, 440}
# Request timeout, content too large, too early, too many requests, header fields too large: about us, not the session.
_NOT_THE_SESSION = {408, 413, 425, 429, 431}
_LOGIN = re.compile(r"(?i)/(log|sign)[-_]?(in|on)\b|/(sso|auth|oauth2?|saml2?)\b")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a client does with a session.

    Attributes:
        write: steps that put state into a session; none: open the URL.
        read: steps that succeed only while the state is there; none: open the URL.
        login: the session is one that somebody has logged in to, see `Accounts`.
    """

    write: tuple[Step, ...]
    read: tuple[Step, ...]
    login: bool = False

    @property
    def declared(self) -> bool:
        """Whether state itself can be followed."""
        return bool((self.write or self.login) and self.read)

    @property
    def write_requests(self) -> int:
        """Requests of one making, without redirects."""
        return max(0 if self.login else 1, len(self.write))

    @property
    def read_requests(self) -> int:
        """Requests of one look, without redirects."""
        return max(1, len(self.read))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a look says about the state.

    Attributes:
        trouble: why that cannot be told.
        doubtful: it means `lost` if looking ever worked; else the flow may be declared wrongly.
    """

    state: State
    trouble: str = ""
    doubtful: bool = False

    def settled(self, *, works: bool) -> Reading:
        """The reading once it is known whether looking ever worked."""
        return Reading("lost") if self.doubtful and works else self


def recipe_of(flow: Flow) -> Recipe:
    """The recipe that a flow declares: log in and write, then read, else see whether one is still logged in."""
    read = flow.read if flow.write or not flow.login else flow.logged_in or flow.read
    return Recipe(flow.write, read or flow.logged_in, login=bool(flow.login))


def read_state(recipe: Recipe, turn: FlowResult) -> Reading:
    """What a look says about the state that the recipe follows."""
    result, status = turn.results[-1], turn.status
    if result.why == "unreachable" or status >= SERVER_ERROR or status in _NOT_THE_SESSION:
        return Reading("unknown", turn.trouble or f"status {status}")
    if not recipe.declared:
        return Reading("unknown")
    if (status in _LOGGED_OUT and status != recipe.read[-1].status) or (
        result.ok and _was_sent_to_login(recipe.read[-1], result)
    ):
        return Reading("lost")
    if result.ok:
        return Reading("kept")
    if result.why == "expectation" and (status < 400 or status == recipe.read[-1].status):
        return Reading("lost")
    return Reading("unknown", turn.trouble, doubtful=True)


def leads_to_login(result: StepResult) -> bool:
    """Whether a redirect led from another page to a login page."""
    if len(result.answers) < 2:
        return False
    first, last = (urlsplit(result.answers[index].response.url).path for index in (0, -1))
    return first != last and _LOGIN.search(last) is not None and _LOGIN.search(first) is None


def _was_sent_to_login(step: Step, result: StepResult) -> bool:
    """Whether a redirect led to a login page, which then answered 200, and nothing was expected of the page."""
    return not step.expects and leads_to_login(result)
