"""Servers on loopback that do as a behaviour says, each connection in a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Perform = Callable[[socket.socket], None]
"""What is done with a connection; whatever it raises of the network ends it."""

_LONG_S = 60.0


@contextmanager
def peer(perform: Perform) -> Iterator[int]:
    """A server by TCP; yields its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=500) as server:
        threading.Thread(target=_accept, args=(server, perform), daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, perform: Perform) -> None:
    with suppress(OSError):
        while True:
            link, _ = server.accept()
            threading.Thread(target=_talk, args=(link, perform), daemon=True).start()


def _talk(link: socket.socket, perform: Perform) -> None:
    with link, suppress(OSError, ValueError):
        link.settimeout(_LONG_S)
        perform(link)


@contextmanager
def datagrams(answer: Callable[[bytes], list[bytes]]) -> Iterator[int]:
    """A server by UDP: what it sends for each datagram; yields its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        ended = threading.Event()
        thread = threading.Thread(target=_answer, args=(server, answer, ended), daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            thread.join(5)


def _answer(server: socket.socket, answer: Callable[[bytes], list[bytes]], ended: threading.Event) -> None:
    while not ended.is_set():
        with suppress(TimeoutError, OSError):
            asked, client = server.recvfrom(65535)
            for one in answer(asked):
                server.sendto(one, client)


def silent(link: socket.socket) -> None:
    """Say nothing, and keep the connection."""
    while link.recv(65536):
        pass


def closed(link: socket.socket) -> None:
    """Hang up."""
    link.recv(1)


def says(data: bytes) -> Perform:
    """The same to whatever comes."""

    def perform(link: socket.socket) -> None:
        while link.recv(65536):
            link.sendall(data)

    return perform


def drips(first: bytes, drop: bytes = b"x") -> Perform:
    """Something at once, and then a little for ever."""

    def perform(link: socket.socket) -> None:
        link.sendall(first)
        while True:
            link.sendall(drop)
            time.sleep(0.05)

    return perform


def floods(first: bytes, wave: bytes, *, asked: bool = True) -> Perform:
    """Something, once asked, and then more without end, as fast as it is read."""

    def perform(link: socket.socket) -> None:
        if asked:
            link.recv(65536)
        link.sendall(first)
        while True:
            link.sendall(wave)

    return perform
