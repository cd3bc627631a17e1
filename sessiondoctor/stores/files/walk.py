"""Looks at folders of session files: bounded, never through a symbolic link, never into what is no ordinary file."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.formats.wrapped_value import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessiondoctor.topology.secret import Secret

MOST_FILES = 100_000
"""Files of one walk."""

_SECONDS = 5.0
_PATIENCE_S = 8.0  # after which a file system is taken to hang
_DEPTH = 3  # folders below the first: PHP's `N;/path` and the file cache of Rails
_NUMBERS = 64  # files between two looks at the clock
_URL = re.compile(r"file:(?://(?:localhost)?)?(/.*)", re.IGNORECASE | re.DOTALL)
_READ = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # each where the system has it
    _READ |= getattr(os, _flag, 0)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Entry:
    """An ordinary file. `name` may hold a session id and is never shown."""

    path: str = field(repr=False)
    name: str = field(repr=False)
    size: int
    written: float


@dataclass(frozen=True, slots=True)
class Listing:
    """What a walk saw; `whole` if these are all files."""

    entries: tuple[Entry, ...]
    whole: bool


def folder_of(url: Secret) -> str:
    """The folder that a file:// URL names.

    Raises:
        Unavailable: it is no such URL.
    """
    found = _URL.fullmatch(url.reveal())
    path = unquote(found[1]) if found else ""
    if not path or "\x00" in path:
        raise Unavailable("the URL of this folder cannot be read", hint="write it as file:///var/lib/php/sessions")
    return path.rstrip("/") or "/"


def places(urls: tuple[Secret, ...]) -> tuple[str, ...]:
    """The folder that the first of these URLs names; nothing where it cannot be read. Only the first is looked at."""
    try:
        return tuple(folder_of(url) for url in urls[:1])
    except Unavailable:
        return ()


async def aside(folder: str, work: Callable[[], Answer]) -> Answer:
    """Does blocking work in a thread that is left alone where the file system hangs, as a lost NFS server makes it.

    Raises:
        Unavailable: there is no such folder, it may not be read, or it does not answer.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Answer] = loop.create_future()

    def tell(how: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None if answer.done() else how())

    def run() -> None:
        try:
            done = work()
        except (OSError, ValueError, Unavailable) as error:
            trouble = error if isinstance(error, Unavailable) else _refusal(folder, error)
            tell(lambda: answer.set_exception(trouble))
        else:
            tell(lambda: answer.set_result(done))

    threading.Thread(target=run, daemon=True).start()
    try:
        return await asyncio.wait_for(answer, _PATIENCE_S)
    except TimeoutError:
        hint = "is its file server up? Look with: df -h and dmesg"
        raise Unreachable(f"{folder} does not answer within {_PATIENCE_S:g} s", trouble="timeout", hint=hint) from None


def insist_on_folder(folder: str) -> None:
    """Says why there is nothing to look at.

    Raises:
        Unavailable: there is no such folder on this machine.
    """
    try:
        mode = os.stat(folder).st_mode  # noqa: PTH116 - one system call, its errors mapped
    except OSError as error:
        raise _refusal(folder, error) from None
    if not stat.S_ISDIR(mode):
        raise Unavailable(f"{folder} is no folder", hint="correct the store's url: file:///folder")


def walk(folder: str) -> Listing:
    """The ordinary files of a folder and of those below it."""
    insist_on_folder(folder)
    entries: list[Entry] = []
    end, whole = time.monotonic() + _SECONDS, True
    for entry in _files(folder, _DEPTH):
        if entry is None:
            whole = False
            continue
        if len(entries) >= MOST_FILES or (len(entries) % _NUMBERS == 0 and time.monotonic() > end):
            return Listing(tuple(entries), whole=False)
        entries.append(entry)
    return Listing(tuple(entries), whole)


def ordinary(path: str) -> Entry | None:
    """A file, if there is one of this name and it is an ordinary one."""
    try:
        seen = os.lstat(path)
    except (OSError, ValueError):
        return None
    return Entry(path, os.path.basename(path), seen.st_size, seen.st_mtime) if stat.S_ISREG(seen.st_mode) else None  # noqa: PTH119


def head_of(path: str) -> bytes:
    """The first octets of an ordinary file; empty if it is none, or may not be read."""
    try:
        number = os.open(path, _READ)
    except (OSError, ValueError):
        return b""
    try:
        # Between the walk and now, anything may have taken its place.
        return os.read(number, HEAD) if stat.S_ISREG(os.fstat(number).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(number)


def _files(folder: str, depth: int) -> Iterator[Entry | None]:
    """Files, those of the folder itself first; None for a folder that may not be read."""
    below: list[str] = []
    with os.scandir(folder) as found:
        for one in found:
            try:
                if one.is_dir(follow_symlinks=False):
                    below.append(one.path)
                elif one.is_file(follow_symlinks=False):
                    seen = one.stat(follow_symlinks=False)
                    yield Entry(one.path, one.name, seen.st_size, seen.st_mtime)
            except OSError:  # gone in the meantime
                continue
    for path in below:
        if not depth:
            yield None
            continue
        try:
            yield from _files(path, depth - 1)
        except OSError:
            yield None


def _refusal(folder: str, error: OSError | ValueError) -> Unavailable:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            hint = "run this on a machine that has it, such as a node, or mount it here"
            return Unavailable(f"there is no folder {folder} on this machine", hint=hint)
        case PermissionError():
            hint = "run this as a user who may list it, such as the one the application runs as"
            return Unavailable(f"the folder {folder} may not be read", hint=hint)
        case OSError(errno=int(number)):
            return Unavailable(f"{folder}: {os.strerror(number).lower()}")
    return Unavailable(f"{folder} cannot be read")
