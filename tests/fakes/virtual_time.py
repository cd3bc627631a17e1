"""A clock for tests of waiting: nothing takes time but what is waited for."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Says how long the loop would have waited, instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        """Take what is ready now; if nothing is, the time goes by at once."""
        ready = super().select(0)
        if not ready:
            self.passed_s += timeout or 0.0
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose `time()` is the sum of what it waited for, in seconds."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        """Return the seconds waited since the loop began."""
        return self._clock.passed_s


def run_at_once(main: Coroutine[Any, Any, T]) -> T:
    """Run this as `asyncio.run` does, on a clock of its own; only for what does no I/O and starts no thread."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def now() -> float:
    """Return the running loop's time, in seconds."""
    return asyncio.get_running_loop().time()
