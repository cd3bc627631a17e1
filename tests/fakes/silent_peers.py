"""Servers on loopback that a scan can do little with."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A socket that accepts nobody by itself: whoever connects waits, and can be counted."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.0)
        yield server


def port_of(server: socket.socket) -> int:
    """The port it listens on."""
    port: int = server.getsockname()[1]
    return port


def visitors(server: socket.socket) -> int:
    """How many have connected since the last call."""
    count = 0
    while True:
        try:
            peer, _ = server.accept()
        except BlockingIOError:
            return count
        peer.close()
        count += 1


def refused_port() -> int:
    """A port that nobody listens on."""
    with listening() as server:
        return port_of(server)


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server with one answer to whatever it is told; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer, args=(server, answer), daemon=True)
        thread.start()
        try:
            yield port_of(server)
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


@contextmanager
def refusing_tls(context: ssl.SSLContext) -> Iterator[int]:
    """A server whose handshakes fail, and which says why, as programs over OpenSSL do; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_shake_hands, args=(server, context), daemon=True)
        thread.start()
        try:
            yield port_of(server)
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _shake_hands(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            peer, _ = server.accept()
        except OSError:
            return
        with peer, suppress(OSError):
            peer.settimeout(5)
            context.wrap_socket(peer, server_side=True).close()


def _answer(server: socket.socket, answer: bytes) -> None:
    while True:
        try:
            peer, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(peer, answer), daemon=True).start()


def _talk(peer: socket.socket, answer: bytes) -> None:
    with peer:
        peer.settimeout(10)
        try:
            while peer.recv(65536):
                peer.sendall(answer)
        except OSError:
            return
