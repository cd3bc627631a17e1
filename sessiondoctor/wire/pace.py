"""How often and how many at once: gentle by default, and counted."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sessiondoctor.wire.address import is_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

GENTLE = 10.0
"""Requests per second for each host and port, where the user says nothing."""


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

    @property
    def sent(self) -> Mapping[str, int]:
        """How many exchanges were started, by `host:port`."""
        return self._sent

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
        if not interval:
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

    @asynccontextmanager
    async def slot(self, authority: str, addresses: Sequence[str] = ()) -> AsyncIterator[None]:
        """Begin at once."""
        self._of.charge(authority, addresses)
        yield
