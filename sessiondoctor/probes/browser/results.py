"""What came of a client's requests: responses with their cookies, steps, flows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sessiondoctor.errors import Trouble
from sessiondoctor.formats.jar import Carrier, StoredCookie
from sessiondoctor.formats.set_cookie import SetCookie
from sessiondoctor.probes.browser.flow import Why
from sessiondoctor.wire.message import Response
from sessiondoctor.wire.redirect import redirected_to


@dataclass(frozen=True, slots=True)
class Setting:
    """One Set-Cookie header, and what the jar made of it.

    Attributes:
        url: of the request.
        refused: why the jar did not take it, one of `refusals`; empty if it did.
        at: unix seconds of the response.
        deletes: the server takes the cookie back; one that is born expired by mistake is a fault instead.
        carrier: what it came in; a session id in a header or a URL is told as a cookie would be.
    """

    cookie: SetCookie
    url: str = field(repr=False)
    refused: str
    at: float
    deletes: bool = False
    carrier: Carrier = "cookie"


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, the cookies that its request carried, those it set, and those the client held afterwards."""

    method: str
    response: Response
    sent: tuple[StoredCookie, ...]
    settings: tuple[Setting, ...]
    held: tuple[StoredCookie, ...]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of one step.

    Attributes:
        ok: the final response is what the step declares.
        why: the kind of trouble; empty if it is ok.
        trouble: what is wrong in one line without secrets; empty if it is ok.
        refused: the peer refused or closed the connection.
        network: what the network said where there was no complete response; empty if it said nothing.
        answers: the response and those of the redirects before it, oldest first; none if `unreachable`.
    """

    ok: bool
    why: Why = ""
    trouble: str = ""
    refused: bool = False
    network: Trouble | Literal[""] = ""
    answers: tuple[Answer, ...] = ()

    @property
    def status(self) -> int:
        """The final status; 0 without a response."""
        return self.answers[-1].response.status if self.answers else 0


@dataclass(frozen=True, slots=True)
class FlowResult:
    """What a list of steps came to: the results up to the first that was not as wanted."""

    results: tuple[StepResult, ...]

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All responses, oldest first."""
        return tuple(answer for result in self.results for answer in result.answers)

    @property
    def response(self) -> Response | None:
        """The final response of the last step; None if there was none."""
        answers = self.results[-1].answers if self.results else ()
        return answers[-1].response if answers else None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All cookies set on the way."""
        return tuple(setting for answer in self.answers for setting in answer.settings)

    @property
    def redirects(self) -> tuple[str, ...]:
        """The URLs that all redirects led to, followed or not."""
        return tuple(filter(None, (redirected_to(answer.response) for answer in self.answers)))

    @property
    def ok(self) -> bool:
        """Whether every step was as wanted."""
        return all(result.ok for result in self.results)

    @property
    def status(self) -> int:
        """The final status of the last step; 0 without a response."""
        return self.results[-1].status if self.results else 0

    @property
    def trouble(self) -> str:
        """Why the last step was not as wanted; empty if it was."""
        return self.results[-1].trouble if self.results else ""

    @property
    def refused(self) -> bool:
        """Whether the last step found a refused or closed connection."""
        return bool(self.results) and self.results[-1].refused

    @property
    def network(self) -> Trouble | Literal[""]:
        """What the network said in the last step, where there was no complete response."""
        return self.results[-1].network if self.results else ""

    def then(self, later: FlowResult) -> FlowResult:
        """Both turns as one."""
        return FlowResult(self.results + later.results)
