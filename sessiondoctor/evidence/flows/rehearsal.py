"""The declared flow run once before anything is measured: does it work at all, and if not, what stands in its way?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Way = Literal["site", "apart", "raw", "node"]
"""Through the public entry on one kept connection; there again with requests of somebody else between, so that a
balancer that takes turns leads each to the same node; there without a browser's rules for cookies; on one node."""

Obstacle = Literal[
    "", "unauthorized", "forbidden", "not-found", "too-many", "unavailable", "server-error", "refused-request",
    "redirect", "client-certificate", "unknown-authority", "connection-refused", "no-answer",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """One step.

    Attributes:
        part: the list of the flow that it stands in, such as `login`.
        step: method and path.
        path: where its redirects led to, without query.
        status: of the final response; 0 without one.
        node: who gave it; empty if unknown.
        set_cookies: names of the cookies that were set on the way.
        dropped: of these the ones that a browser does not keep or not send back, as `name: reason`.
        extracted: names of the values that were taken out.
        marker: where the response has what the client wrote, such as `in its text`; empty where it has not.
        trouble: why the step was not as declared; empty if it was.
    """

    part: str
    step: str
    path: str = ""
    status: int = 0
    node: str = ""
    set_cookies: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    extracted: tuple[str, ...] = ()
    marker: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The flow from its first step to its last, by one client.

    Attributes:
        node: the node that was asked; empty through the public entry.
        works: what was put into the session was there right after.
        why: why not, in one line; empty if it works.
        refused: the login was refused, or not recognised right after.
        certain: a page itself shows that the flow is declared wrongly, as where its form has other fields.
    """

    way: Way
    steps: tuple[RehearsedStep, ...]
    works: bool
    why: str = ""
    node: str = ""
    refused: bool = False
    certain: bool = False

    @property
    def failed(self) -> bool:
        """Whether the site itself failed: a server error, or no answer."""
        return any(not 0 < step.status < 500 for step in self.steps)


@dataclass(frozen=True, slots=True)
class NoPage:
    """What the site answered instead of a page.

    Attributes:
        obstacle: its kind.
        said: the answer, as a sentence about the URL.
        advice: what to do about it.
        schemes: how it wants clients to log in, by HTTP: the names in WWW-Authenticate.
    """

    obstacle: Obstacle
    said: str
    advice: str = ""
    schemes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.said}: {self.advice}" if self.advice else self.said


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All runs, in order, up to the first that tells whether the flow works.

    Attributes:
        declared: whether the topology declares a flow.
        place: host:port of the public entry.
        no_page: what the site answered to every request, if it was no page.
        logins: how many logins these runs took.
    """

    declared: bool
    place: str = ""
    runs: tuple[Run, ...] = ()
    no_page: NoPage | None = None
    logins: int = 0

    @property
    def barred(self) -> tuple[str, str]:
        """The place that gives no pages, and what it gives instead; nothing that it says is about sessions."""
        return (self.place, str(self.no_page)) if self.no_page else ("", "")

    @property
    def works(self) -> bool:
        """Whether some client saw what it had written; without a flow there is nothing that could fail."""
        return not self.declared or any(run.works for run in self.runs)

    @property
    def why(self) -> str:
        """Why the flow is not understood; the run on one node tells best, for no balancer is in its way."""
        failed = [run for run in self.runs if not run.works]
        best = next((run for run in failed if run.way == "node"), next(iter(failed), None))
        return "" if self.works or best is None else best.why

    def table(self) -> list[dict[str, Any]]:
        """The steps for `seen` of a verdict."""
        return [
            {
                "run": run.node or run.way, "step": f"{one.part}: {one.step}", "status": one.status, "node": one.node,
                "set": list(one.set_cookies), "dropped": list(one.dropped), "extracted": list(one.extracted),
                "marker": one.marker, "trouble": one.trouble,
            }
            for run in self.runs
            for one in run.steps
        ]  # fmt: skip
