"""What every probe module offers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sessiondoctor.context import Context, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.topology.model import Topology


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """One planned question.

    Attributes:
        evidence: the type that `ask` returns.
        subject: name of the store, balancer ... this one is about; `site` where there is only one.
        describe: what it does, for `--plan` and progress ("8 returning clients through the public entry").
        contacts: host:port -> the most requests or commands it sends there.
        needs: evidence types it waits for.
        holds: host:port that it must have for itself while it runs, because other traffic would move a
            balancer's state; empty if it may overlap with everything.
        turn: it begins when all probes of earlier turns have ended, because it may disturb what they look at: 1 sends
            many requests at once, 2 may make a balancer take a node out. Below 0 only those wait that contact the
            same peers: -2 finds out whether the declared flow works, -1 looks at logins as they happen.
    """

    evidence: type[Any]
    subject: str
    describe: str
    contacts: Mapping[str, int]
    ask: Callable[[Context], Awaitable[Any]] = field(repr=False)
    needs: tuple[type[Any], ...] = ()
    holds: str = ""
    turn: int = 0
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Absent:
    """Evidence that this topology cannot give: the component is not declared. `hint` says what to add."""

    evidence: type[Any]
    subject: str
    reason: str
    hint: str


class Planner(Protocol):
    """The function `plan` of a probe module."""

    def __call__(self, topology: Topology, options: Options) -> Iterator[Probe | Absent]:
        """Yields a probe or an absence for each evidence type of the module and each subject."""
