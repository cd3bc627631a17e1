"""What a Redis says of its health beyond INFO: slow log, latency monitor, a few settings; and how fast it answers.

None of it is needed to find sessions, and a narrow ACL refuses and logs each question. So it is asked in one place, of
a user that looks as if it may: the default one, or one whose ACL did not refuse what was asked before.
"""

from __future__ import annotations

import asyncio
import re
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.redis_server import SlowCommand, Speed, Spike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.stores.redis.client import Command, Link
    from sessiondoctor.stores.redis.replies import Reply

SETTINGS = ("notify-keyspace-events",)
ROUND_TRIPS = 7
SLOW_ENTRIES = 16
_LONG_MS = 2000.0  # all of them together: then it is known to be slow
_APART_S = 0.03  # between two of them: stalls come and go

EXTRAS: tuple[Command, ...] = (
    ("SLOWLOG", "GET", SLOW_ENTRIES),
    ("LATENCY", "LATEST"),
    *(("CONFIG", "GET", name) for name in SETTINGS),
)
"""Questions that may be left out: all of them, if the first is refused."""

QUESTIONS = len(EXTRAS) + ROUND_TRIPS
"""The most commands that this module sends."""

_EVENT = re.compile(r"[a-z0-9-]{1,40}")
_COMMAND = re.compile(r"[A-Za-z][A-Za-z0-9._|-]{0,39}")
_SETTING = re.compile(r"[A-Za-z0-9 ]{0,200}")
_MOST_MS = 10**12


@dataclass(frozen=True, slots=True)
class Extras:
    """Replies to `EXTRAS`; None where they were refused or not asked."""

    slow: tuple[SlowCommand, ...] | None = None
    spikes: tuple[Spike, ...] | None = None
    settings: tuple[str | None, ...] = (None,) * len(SETTINGS)

    def setting(self, name: str) -> str | None:
        """The value of one of `SETTINGS`."""
        return self.settings[SETTINGS.index(name)]


async def ask_extras(link: Link, now_s: int) -> Extras:
    """Asks `EXTRAS`, and no more than the first if that is refused; `now_s` is the server's clock, seconds since 1970.

    A user of its own name is presumed to be narrow: asking it would fill its ACL LOG.
    """
    if link.refused or link.address.user not in {"", "default"}:
        return Extras()
    (slow,) = await link.ask(EXTRAS[0])
    if link.refused:
        return Extras()
    spikes, *settings = await link.ask(*EXTRAS[1:])
    return Extras(_slow(slow, now_s), _spikes(spikes, now_s), tuple(_setting(reply) for reply in settings))


async def round_trips(link: Link) -> tuple[float, ...]:
    """How long it takes to be answered a PING, in milliseconds, a few times; empty if it may not be sent."""
    clock = asyncio.get_running_loop().time
    taken: list[float] = []
    while len(taken) < ROUND_TRIPS and sum(taken) < _LONG_MS:
        if "PING" in link.refused:
            return ()
        started = clock()
        await link.ask(("PING",))
        taken.append(1000 * (clock() - started))
        await asyncio.sleep(_APART_S)
    return tuple(taken)


def speed(taken: tuple[float, ...], fork_us: int, extras: Extras) -> Speed:
    """The figures together."""
    if not taken:
        return Speed(fork_ms=fork_us / 1000, slow=extras.slow, spikes=extras.spikes)
    return Speed(
        median_ms=round(statistics.median(taken), 3),
        slowest_ms=round(max(taken), 3),
        fork_ms=fork_us / 1000,
        slow=extras.slow,
        spikes=extras.spikes,
    )


def _slow(reply: Reply, now_s: int) -> tuple[SlowCommand, ...] | None:
    return tuple(_slow_commands(reply, now_s)) if isinstance(reply, list) else None


def _slow_commands(entries: list[object], now_s: int) -> Iterator[SlowCommand]:
    """Entries are id, time, microseconds, [command, argument ...] and, since Redis 4, the client: not for us."""
    for entry in entries[:SLOW_ENTRIES]:
        match entry:
            case [int(), int() as when, int() as microseconds, [bytes() as name, *_], *_]:
                yield SlowCommand(_word(name), min(microseconds, _MOST_MS) / 1000, max(0, now_s - when))


def _word(name: bytes) -> str:
    """A command's name as it may be shown; what is no name may be anything."""
    text = name.decode("ascii", "replace").lower()
    return text if _COMMAND.fullmatch(text) else "unknown"


def _spikes(reply: Reply, now_s: int) -> tuple[Spike, ...] | None:
    return tuple(_events(reply, now_s)) if isinstance(reply, list) else None


def _events(entries: list[object], now_s: int) -> Iterator[Spike]:
    for entry in entries[:SLOW_ENTRIES]:
        match entry:
            case [bytes() as name, int() as when, int() as latest, *_]:
                event = name.decode("ascii", "replace")
                if _EVENT.fullmatch(event):
                    yield Spike(event, min(latest, _MOST_MS), max(0, now_s - when))


def _setting(reply: Reply) -> str | None:
    match reply:
        case [bytes(), bytes() as value]:
            text = value.decode("ascii", "replace")
            return text if _SETTING.fullmatch(text) else None
    return None
