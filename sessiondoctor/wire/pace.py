"""How often and how many at once: gentle by default, and counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sessiondoctor.wire.address import is_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

GENTLE = 10.0
"""Requests per second for each host and port, where the user says nothing."""

LONGEST_HOLD_S = 20.0
"""How long a host may keep us waiting in one scan, by Retry-After or by 429 alone."""


class Pace:
    """Spaces the starts of exchanges, and bounds how many run at once, for each `host:port`.

    Args:
        rate: starts per second; 0 for no limit; None for `GENTLE`, and no limit towards loopback.
        at_once: exchanges that may run at the same time.
    """

    def __init__(self, rate: float | None = None, *, at_once: int = 2) -> None:
        self._rate = rate
        self._at_once = at_once
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._next_start: dict[str, float] = {}
        self._sent: dict[str, int] = {}
        self._held_s: dict[str, float] = {}
        self._refusals: dict[str, Counter[int]] = {}

    @property
    def sent(self) -> Mapping[str, int]:
        """How many exchanges were started, by `host:port`."""
        return self._sent

    @property
    def refusals(self) -> Mapping[str, Mapping[int, int]]:
        """How many responses were a 429 or a 503, by `host:port`."""
        return self._refusals

    def refused(self, authority: str, status: int, wait_s: float) -> None:
        """Count a response that asks us to come back later, and do so: nothing starts there for so long.

        All pauses for one host together last no longer than `LONGEST_HOLD_S`: what is not seen until then may as well
        be told.
        """
        self._refusals.setdefault(authority, Counter())[status] += 1
        now = asyncio.get_running_loop().time()
        before = max(now, self._next_start.get(authority, now))
        added = min(max(0.0, now + wait_s - before), LONGEST_HOLD_S - self._held_s.get(authority, 0.0))
        self._held_s[authority] = self._held_s.get(authority, 0.0) + added
        self._next_start[authority] = before + added

    @asynccontextmanager
    async def slot(self, authority: str, addresses: Sequence[str] = ()) -> AsyncIterator[None]:
        """Wait for a turn, count it, and hold it during the block.

        Args:
            authority: `host:port`.
            addresses: the IP addresses it leads to, where they are known beforehand.
        """
        gate = self._gates.get(authority) or self._gates.setdefault(authority, asyncio.Semaphore(self._at_once))
        async with gate:
            await self._wait_for_start(authority, self._interval(authority, addresses))
            self._sent[authority] = self._sent.get(authority, 0) + 1
            yield

    def in_bursts(self) -> Pace:
        """Return a pace that waits for nothing and counts here; what comes after it here waits the longer."""
        return _Burst(self)

    def charge(self, authority: str, addresses: Sequence[str]) -> None:
        """Count an exchange that did not wait: the next ones that do are the later for it."""
        self._sent[authority] = self._sent.get(authority, 0) + 1
        if interval := self._interval(authority, addresses):
            now = asyncio.get_running_loop().time()
            self._next_start[authority] = max(now, self._next_start.get(authority, now)) + interval

    async def _wait_for_start(self, authority: str, interval: float) -> None:
        if not interval and authority not in self._next_start:
            return
        now = asyncio.get_running_loop().time()
        start = max(now, self._next_start.get(authority, now))
        self._next_start[authority] = start + interval
        await asyncio.sleep(start - now)

    def _interval(self, authority: str, addresses: Sequence[str]) -> float:
        if self._rate is None:
            hosts = addresses or (authority.rpartition(":")[0].strip("[]"),)
            return 0.0 if all(map(is_loopback, hosts)) else 1 / GENTLE
        return 1 / self._rate if self._rate else 0.0


class _Burst(Pace):
    """Exchanges that must happen at the same time, or they show nothing."""

    def __init__(self, of: Pace) -> None:
        super().__init__(0)
        self._of = of

    def refused(self, authority: str, status: int, wait_s: float) -> None:
        """Let the other pace wait."""
        self._of.refused(authority, status, wait_s)

    @asynccontextmanager
    async def slot(self, authority: str, addresses: Sequence[str] = ()) -> AsyncIterator[None]:
        """Begin at once."""
        self._of.charge(authority, addresses)
        yield
