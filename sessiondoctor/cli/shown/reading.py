"""How far the reading of large files has come, on standard error, for whoever waits."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.cli.documents.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE_S = 1.0  # nobody wants to read about what is over already
_PAUSE_S = 0.2
_CLEAR = "\r\x1b[K"
_COMPRESSED = (".gz", ".zst", ".tgz")


class Line:
    """One line that is written over: the file, the bytes read, and how long the rest will take."""

    def __init__(self) -> None:
        self._began = self._shown = time.monotonic()
        self._name, self._since = "", self._began

    def read(self, name: str, size: int) -> None:
        """So many bytes of a file have been read."""
        now = time.monotonic()
        if name != self._name:
            self._name, self._since = name, now
        if now - self._began >= _PATIENCE_S and now - self._shown >= _PAUSE_S:
            self._shown = now
            say(f"{_CLEAR}{name[-60:]}: {told(size, _size_of(name), now - self._since)} ...")


def told(size: int, whole: int, seconds: float) -> str:
    """Bytes of a whole that may not be known (0), read in so many seconds."""
    if not whole:
        return f"{_amount(size)} read"
    rest = max(whole - size, 0) * seconds / size if size else 0
    return f"{_amount(size)} of {_amount(whole)}, {rest:.0f} s left"


def _amount(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _size_of(name: str) -> int:
    """Of what is read as it stands on the disk; 0 of all else."""
    path = Path(name)
    return path.stat().st_size if path.is_file() and path.suffix not in _COMPRESSED else 0


@contextmanager
def reading(*, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """Progress for a terminal, silence for everything else."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _name, _size: None
        return
    try:
        yield Line().read
    finally:
        say(_CLEAR)
