"""Loopback ports that no other laboratory on this machine gets at the same time."""

from __future__ import annotations

import random
import socket

from tests.lab.errors import LabError

# Below the kernel's ephemeral range, so that no outgoing connection takes a port between claim and listen.
FIRST, LAST = 20000, 31999


class Ports:
    """Claims ports until `release`; the claims end with this process at the latest."""

    def __init__(self) -> None:
        self._claims: list[socket.socket] = []

    def take(self) -> int:
        """A port on 127.0.0.1, free for TCP and UDP. Raises `LabError` when there is none."""
        for port in random.sample(range(FIRST, LAST + 1), 500):
            claim = _claim(port)
            if claim is None:
                continue
            self._claims.append(claim)
            if _free(port, socket.SOCK_STREAM) and _free(port, socket.SOCK_DGRAM):
                return port
        raise LabError(f"no free port between {FIRST} and {LAST}")

    def release(self) -> None:
        """Give all ports back."""
        while self._claims:
            self._claims.pop().close()


def _claim(port: int) -> socket.socket | None:
    """Hold the port's name among all laboratories: an abstract Unix socket, which a crash cannot leave behind."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0sessiondoctor-lab-{port}")
    except OSError:
        claim.close()
        return None
    return claim


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as attempt:
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
