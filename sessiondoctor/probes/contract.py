"""What every probe module offers and what it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from sessiondoctor.redact import Vault
from sessiondoctor.topology.model import Topology
from sessiondoctor.wire.client import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator


Consent = Literal["observe", "interact", "disrupt"]
"""What the user allows, each level more than the one before it; beyond `observe` only `--allow` consents."""

_LEVELS: tuple[Consent, ...] = get_args(Consent)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about probing.

    Attributes:
        requests: overrides the length of a statistical walk.
        allow: `observe` reads, and runs the flow that the topology declares on throw-away sessions; `interact` may
            also take long or write much; `disrupt` may disturb users.
        census: whether to count a random sample of the stored sessions, or all of them.
    """

    requests: int | None = None
    rate: float | None = None
    timeout_s: float = 10.0
    deadline_s: float = 90.0
    allow: Consent = "observe"
    census: Literal["sample", "full"] = "sample"

    def allows(self, level: Consent) -> bool:
        """Whether the user has consented to this much."""
        return _LEVELS.index(self.allow) >= _LEVELS.index(level)


def _unheard(_text: str) -> None:
    """Nobody waits to be told."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a probe works with.

    Attributes:
        need: waits for other evidence of this scan: `await ctx.need(Replay)`; raises `Unavailable` if there is none.
        vault: turns secrets into tokens; the only place where a raw session id may stay.
        environ: the environment variables of sessiondoctor itself.
        ends: when the scan ends, by the clock of the event loop.
        tell: says how far a probe has come, such as "20,000 of 100,000 keys", to whoever waits.
    """

    topology: Topology
    options: Options
    wire: Wire
    vault: Vault
    need: Callable[[type[Any]], Awaitable[Any]]
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    ends: float = inf
    tell: Callable[[str], None] = field(default=_unheard, repr=False)


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
            many requests at once, 2 may make a balancer take a node out.
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
