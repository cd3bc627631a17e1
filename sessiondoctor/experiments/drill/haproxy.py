"""HAProxy's runtime API (management guide, 9.3): the states of its servers, and `set server ... state ...`.

Blocking and small: the guard, which uses it, must not depend on an event loop.
"""

from __future__ import annotations

import errno
import socket
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

PATIENCE_S: Final = 5.0
_LARGEST = 1024 * 1024
_STATES = "show servers state"
_RUNNING = 2  # srv_op_state: SRV_ST_RUNNING
_COLUMNS = {"be_name", "srv_name", "srv_addr", "srv_op_state", "srv_admin_state"}


class RefusedError(Exception):
    """The runtime API cannot be reached, or does not obey; the text says why in a few words."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """One line of `show servers state` (version 1 of its format).

    Attributes:
        address: host:port.
        running: it is up.
        admin: the bits of srv_admin_state: 0 if nobody has taken it out.
    """

    backend: str
    name: str
    address: str
    running: bool
    admin: int

    @property
    def in_service(self) -> bool:
        """Whether it takes new clients."""
        return self.running and not self.admin

    @property
    def path(self) -> str:
        """As commands name it."""
        return f"{self.backend}/{self.name}"


def ask(place: str, line: str) -> str:
    """One command and its answer; `place` is unix:/path or tcp://host:port.

    Raises:
        RefusedError: there is none.
    """
    received, ends = bytearray(), time.monotonic() + PATIENCE_S
    try:
        with _connected(place) as api:
            api.sendall(f"{line}\n".encode())
            while len(received) <= _LARGEST and (chunk := _next(api, ends)):
                received += chunk
    except OSError as error:
        raise RefusedError(f"{place} does not answer: {error.strerror or 'no answer in time'}") from None
    if len(received) > _LARGEST:
        raise RefusedError(f"{place} sends more than {_LARGEST >> 20} MiB")
    return received.decode("latin-1")


def _next(api: socket.socket, ends: float) -> bytes:
    """What comes next, until all has taken too long: each piece may come in time, and their end never."""
    left_s = ends - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    api.settimeout(left_s)
    return api.recv(64 * 1024)


def order(place: str, line: str) -> None:
    """A command that says nothing where it is obeyed.

    Raises:
        RefusedError: it is not.
    """
    if answer := " ".join(ask(place, line).split()):
        raise RefusedError(f"HAProxy says to {line!r}: {answer[:200]}")


def states(place: str) -> tuple[ServerState, ...]:
    """All servers.

    Raises:
        RefusedError: the answer is something else.
    """
    lines = ask(place, _STATES).splitlines()
    names = next((line[2:].split() for line in lines if line.startswith("# ")), [])
    if not set(names) >= _COLUMNS:
        raise RefusedError(f"{place} does not answer to {_STATES!r} as HAProxy does")
    rows = [dict(zip(names, line.split(), strict=False)) for line in lines if line.strip() and line[0] != "#"]
    return tuple(_state(row) for row in rows if set(row) >= _COLUMNS)


def _state(row: dict[str, str]) -> ServerState:
    port = row.get("srv_port", "0")
    return ServerState(
        row["be_name"],
        row["srv_name"],
        row["srv_addr"] if port == "0" else f"{row['srv_addr']}:{port}",
        row["srv_op_state"] == str(_RUNNING),
        int(row["srv_admin_state"]) if row["srv_admin_state"].isdecimal() else -1,
    )


def _connected(place: str) -> socket.socket:
    scheme, _, rest = place.partition(":")
    if scheme.lower() != "unix":
        parts = urlsplit(place)
        return socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE_S)
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        raise OSError(errno.EAFNOSUPPORT, "this system has no Unix sockets for Python")
    api = socket.socket(family, socket.SOCK_STREAM)
    try:
        api.settimeout(PATIENCE_S)
        api.connect(rest.removeprefix("//"))
    except OSError:
        api.close()
        raise
    return api
