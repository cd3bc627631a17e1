"""Files that are written whole or not at all, readable by their owner, and never lost.

A report names hosts and faults of somebody's site: a new file is of mode 0600, an old one keeps its own.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def writable(file: Path, what: str = "report") -> Path:
    """The file itself, if it can be written: said before the scan, not after it.

    Raises:
        UsageError: it cannot.
    """
    if trouble := _trouble(file):
        raise UsageError(f"{file}: cannot write the {what}: {trouble}")
    return file


def _trouble(file: Path) -> str:
    try:
        if file.is_dir():
            return "it is a folder"
        if not file.parent.is_dir():
            return f"there is no folder {file.parent}"
        there = file if file.exists() else file.parent
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "it is no path"
    return "" if os.access(there, os.W_OK) else "no right to write it"


def replace(file: Path, content: bytes, what: str = "report", *, secret: bool = False, mode: int = _PRIVATE) -> None:
    """Writes a file: a reader, or a crash, never sees half of it. A pipe or a device is written to, not replaced.

    A `secret` one is for its owner alone, whatever the mode of the old one was, and kept nowhere else; any other has
    the mode of the old one, and `mode` where there is none.

    Where a file cannot be put in the place of the old one (a bind mount, a folder that is read-only), the old one is
    written over. Where that fails, too, the content is kept elsewhere.

    Raises:
        OutputError: it cannot be written; says where the content is.
    """
    place = _place(file)
    try:
        if _is_special(place):
            place.write_bytes(content)
        elif not _put(place, content, _PRIVATE if secret else _mode(place, mode)):
            if secret:
                place.chmod(_PRIVATE)
            _write_over(place, content)
    except OSError as error:
        kept = "" if secret else _kept(content, file.suffix)
        rescue = f"; it is in {kept}" if kept else ""
        raise OutputError(f"{file}: cannot write the {what}: {error.strerror}{rescue}") from error


def _place(file: Path) -> Path:
    """Where a link leads; in a folder where others may put links, a link is not followed."""
    with suppress(OSError):
        mode = file.parent.stat().st_mode
        if mode & stat.S_ISVTX and mode & stat.S_IWOTH:
            return file.parent.resolve() / file.name
    return Path(os.path.realpath(file))


def _is_special(file: Path) -> bool:
    try:
        mode = file.lstat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode))


def _put(file: Path, content: bytes, mode: int) -> bool:
    """Puts a new file in the place of the old one; False where the folder or the mount does not let us."""
    _sweep(file)
    whole = file.with_name(f"{_prefix(file)}{os.getpid()}")
    try:
        _write_new(whole, content, mode)
    except PermissionError:
        return False
    except OSError as error:
        _remove(whole)
        if file.exists() and error.errno not in _FULL:
            return False
        raise
    try:
        whole.replace(file)
    except OSError:
        _remove(whole)
        return False
    except BaseException:
        _remove(whole)
        raise
    return True


def _write_new(file: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(file, _NEW, mode), "wb") as stream:
        if hasattr(os, "fchmod"):
            os.fchmod(stream.fileno(), mode)  # whatever the umask
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _write_over(file: Path, content: bytes) -> None:
    with file.open("r+b") as stream:
        stream.write(content)
        stream.truncate()
        stream.flush()
        os.fsync(stream.fileno())


def _mode(file: Path, mode: int) -> int:
    """That of the old file; `mode` where there is none."""
    try:
        found = file.lstat().st_mode
    except OSError:
        return mode
    return stat.S_IMODE(found) if stat.S_ISREG(found) else mode


def _prefix(file: Path) -> str:
    """Of a name that is never too long."""
    return f".sessiondoctor-{hashlib.sha256(file.name.encode('utf-8', 'surrogateescape')).hexdigest()[:12]}."


def _sweep(file: Path) -> None:
    """Removes what runs that were killed have left: half-written files of the same name, whose process is gone."""
    with suppress(OSError):
        for stray in _strays(file):
            _remove(stray)


def _strays(file: Path) -> Iterator[Path]:
    for stray in file.parent.glob(f"{_prefix(file)}*"):
        number = stray.name.rpartition(".")[2]
        if number.isdigit() and (int(number) == os.getpid() or not _runs(int(number))):
            yield stray


def _runs(number: int) -> bool:
    """Whether a process exists; True where this cannot be told."""
    if sys.platform == "win32":
        return True  # a signal of 0 would end it
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _kept(content: bytes, suffix: str) -> str:
    """Where the content is instead; empty where no folder takes it."""
    with suppress(OSError):
        number, name = tempfile.mkstemp(prefix="sessiondoctor-", suffix=suffix)
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
        return name
    return ""


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink()


_FULL = {28, 122}  # ENOSPC, EDQUOT: to write over the old file would lose it, too
