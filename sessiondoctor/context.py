"""What whoever asks the world is given: the topology, the options, consent, the wire, the redactor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from sessiondoctor.probes.browser.left_session import LeftSession  # noqa: TC004 - whoever judges files has none
    from sessiondoctor.wire.client import Wire  # noqa: TC004 - it brings asyncio and TLS; likewise

Consent = Literal["observe", "interact", "disrupt"]
"""What the user allows, each level more than the one before it; beyond `observe` only `--allow` consents."""

_LEVELS: tuple[Consent, ...] = get_args(Consent)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about probing.

    Attributes:
        requests: overrides the length of a statistical trace.
        allow: `observe` reads, and runs the flow that the topology declares on throw-away sessions; `interact` may
            also take long or write much; `disrupt` may disturb users.
        census: whether to count a random sample of the stored sessions, or all of them.
        left: the session that an earlier scan has left, to be looked at again; tokens are made as that scan made them.
    """

    requests: int | None = None
    rate: float | None = None
    timeout_s: float = 10.0
    deadline_s: float = 90.0
    allow: Consent = "observe"
    census: Literal["sample", "full"] = "sample"
    left: LeftSession | None = None

    def allows(self, level: Consent) -> bool:
        """Whether the user has consented to this much."""
        return _LEVELS.index(self.allow) >= _LEVELS.index(level)


class Shared(Protocol):
    """What probes of one scan have in common."""

    async def end(self) -> None:
        """All of them have ended."""


def _unheard(_text: str) -> None:
    """Nobody waits to be told."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a probe works with.

    Attributes:
        need: waits for other evidence of this scan: `await ctx.need(Replay)`; raises `Unavailable` if there is none.
        redactor: turns secrets into tokens; the only place where a raw session id may stay.
        environ: the environment variables of sessiondoctor itself.
        ends: when the scan ends, by the clock of the event loop.
        shared: what probes of one scan have in common, by its type; it is asked to `end` when all of them have ended.
        tell: says how far a probe has come, such as "20,000 of 100,000 keys", to whoever waits.
    """

    topology: Topology
    options: Options
    wire: Wire
    redactor: Redactor
    need: Callable[[type[Any]], Awaitable[Any]]
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    ends: float = inf
    shared: dict[type[Shared], Shared] = field(default_factory=dict, repr=False)
    tell: Callable[[str], None] = field(default=_unheard, repr=False)
