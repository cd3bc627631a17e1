"""SIGINT, SIGTERM and SIGHUP: what was seen is reported, what was begun is cleaned up; codes 130, 143 and 129.

The first ends a scan, which then writes its partial report. Nothing but the third ends that: somebody who presses
Ctrl-C twice wants the report, too.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import FrameType

T = TypeVar("T")

_PATIENCE = 3
_CODE = 128


class Stopped(BaseException):
    """The user or the system wants the program to end; `code` is its exit code. No error: nobody may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = _CODE + number


def stop_behind(error: BaseException) -> Stopped | None:
    """The signal that an error hides: Python wraps what is raised while a class is made (`__set_name__`)."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, Stopped):
            return found
        found = found.__cause__
    return None


@contextmanager
def stopping() -> Iterator[None]:
    """Within, a signal raises `Stopped`, so that everything that was opened is closed."""
    stop = _Stop()
    before = {number: signal.signal(number, stop) for number in _numbers()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore() -> None:
    """For the end of the program: what it has begun to clean up is not left half done."""
    for number in _numbers():
        signal.signal(number, signal.SIG_IGN)


class Held:
    """While it is open, signals end only the work that it watches; what is done afterwards is done in peace.

    Attributes:
        code: the exit code that a signal asked for; 0 without one.
    """

    def __init__(self) -> None:
        self.code = 0
        self._count = 0
        self._cancel: Callable[[], object] | None = None
        self._done = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._caught) for number in _numbers()}
        dropped = (handler.number for handler in self._before.values() if isinstance(handler, _Stop))
        if number := next(filter(None, dropped), 0):
            self.__exit__()
            raise Stopped(number)
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of the work in a loop of its own; a signal while that is made is heeded when the work begins.

        Raises:
            Stopped: there is none.
        """
        import asyncio  # the command line must not wait for it

        self._cancel = lambda: None
        return asyncio.run(self._watch(work))

    async def _watch(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of the work, which the first signal cancels."""
        import asyncio  # the command line must not wait for it

        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task
        self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            if self.code:
                work.close()
                raise asyncio.CancelledError  # noqa: TRY301 - as if it had come a moment later
            return await work
        except asyncio.CancelledError:
            if not self.code:
                raise
            raise Stopped(self.code - _CODE) from None
        finally:
            self._cancel = None
            self._done = True

    @contextmanager
    def reading(self) -> Iterator[Callable[[], bool]]:
        """Work that asks from time to time whether it shall come to its end, as the first signal wants."""
        self._cancel = lambda: None
        try:
            yield lambda: self.code != 0
        finally:
            self._cancel = None
            self._done = True

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count >= _PATIENCE:
            os._exit(_CODE + number)
        if self.code:
            return
        self.code = _CODE + number
        if self._cancel:
            self._cancel()
        elif not self._done:
            raise Stopped(number)


class _Stop:
    """A handler that raises `Stopped`, and remembers it: Python drops what is raised while it collects or imports.

    Attributes:
        number: of the first signal; 0 without one.
    """

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        self.number = self.number or number
        raise Stopped(number)


def _numbers() -> tuple[int, ...]:
    """The signals that there are here; none outside the main thread, which alone is told of them."""
    if threading.current_thread() is not threading.main_thread():
        return ()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return tuple(int(getattr(signal, name)) for name in names if hasattr(signal, name))
