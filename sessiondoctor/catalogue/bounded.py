"""Runs what somebody else has written, in a pack: it may loop, exit or raise anything, and ends nothing but itself."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 5.0
"""For a module or a check of a pack; ours take milliseconds."""


class EndlessError(Exception):
    """It does not come to an end."""


def bounded(work: Callable[[], None]) -> None:
    """Does the work in a thread of its own; one that loops keeps its thread, and nobody waits for it.

    Raises:
        EndlessError: there is no end.
        Exception: whatever it raises; what ends a program comes as RuntimeError.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - carried over to whoever waits
            raised.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    if thread.is_alive():
        raise EndlessError(f"no answer within {PATIENCE_S:g} s")
    for error in raised:
        if isinstance(error, Exception):
            raise error
        raise RuntimeError(type(error).__name__) from error
