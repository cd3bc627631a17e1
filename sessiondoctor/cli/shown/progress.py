"""What goes on, on standard error, for whoever waits."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessiondoctor.cli.documents.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.probes.contract import Probe

_PATIENCE_S = 1.0  # nobody wants to read about what is over already
_CLEAR = "\r\x1b[K"


class Silent:
    """Says nothing."""

    def started(self, probe: Probe) -> None:
        """A probe begins."""

    def noted(self, probe: Probe, text: str) -> None:
        """A probe says how far it has come."""

    def finished(self, probe: Probe) -> None:
        """A probe has ended."""


class Line:
    """One line that is written over: how many questions are answered, and what is being asked."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._running: dict[Probe, str] = {}
        self._done = 0

    def started(self, probe: Probe) -> None:
        """A probe begins."""
        self._running[probe] = probe.describe
        self._show()

    def noted(self, probe: Probe, text: str) -> None:
        """A probe says how far it has come."""
        self._running[probe] = f"{probe.describe}: {text}"
        self._show()

    def finished(self, probe: Probe) -> None:
        """A probe has ended."""
        self._running.pop(probe, None)
        self._done += 1
        self._show()

    def clear(self) -> None:
        """Leaves nothing behind."""
        say(_CLEAR)

    def _show(self) -> None:
        if time.monotonic() - self._began >= _PATIENCE_S and self._running:
            now = next(iter(self._running.values()))[:70]
            say(f"{_CLEAR}{self._done} answered, {len(self._running)} under way: {now} ...")


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Progress for a terminal, silence for everything else."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield Silent()
        return
    line = Line()
    try:
        yield line
    finally:
        line.clear()
