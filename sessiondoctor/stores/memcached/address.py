"""URLs of memcached servers, taken apart without ever quoting one in a message.

memcached://host:port, several as a list or as memcached://host:port,host:port: the servers of a ring, in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sessiondoctor.errors import Unavailable
from sessiondoctor.wire.address import bracketed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.topology.secret import Secret

PORT = 11211

_URL = re.compile(r"memcached://(?:(?P<login>[^@/?#]*)@)?(?P<hosts>[^/?#]+)/?", re.IGNORECASE)
_SOCKET = re.compile(r"unix:(?://)?(?P<path>/[^/?#][^?#]*)", re.IGNORECASE)
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")
_HINT = "write it as memcached://host:11211"


@dataclass(frozen=True, slots=True)
class Address:
    """One server: host (without brackets) and port, or the path of its Unix socket."""

    host: str = ""
    port: int = PORT
    path: str = ""

    @property
    def place(self) -> str:
        """`host:port` or the socket's path: what messages and evidence call it."""
        return self.path or f"{bracketed(self.host)}:{self.port}"


def servers(urls: Iterable[Secret]) -> tuple[Address, ...]:
    """Every server that these URLs name, in order, each once.

    Raises:
        Unavailable: one of them is no such URL, or it holds a login.
    """
    return tuple(dict.fromkeys(address for url in urls for address in _servers(url.reveal())))


def places(urls: tuple[Secret, ...]) -> tuple[str, ...]:
    """What messages call the servers; those whose URL cannot be read are left out."""
    found: list[str] = []
    for url in urls:
        try:
            found += [address.place for address in _servers(url.reveal())]
        except Unavailable:
            continue
    return tuple(dict.fromkeys(found))


def _servers(url: str) -> list[Address]:
    if socket := _SOCKET.fullmatch(url):
        return [Address(path=unquote(socket["path"]))]
    found = _URL.fullmatch(url)
    if not found:
        raise Unavailable("the URL of this memcached cannot be read", hint=_HINT)
    if found["login"]:
        raise Unavailable(
            "a memcached that asks for a login (SASL) is not supported",
            hint="declare a listener without a login, or look at it with its own tools",
        )
    return [_server(text) for text in found["hosts"].split(",")]


def _server(text: str) -> Address:
    found = _HOST_PORT.fullmatch(text)
    if not found:
        raise Unavailable("the URL of this memcached names no host", hint=_HINT)
    return Address(unquote(found[1]).strip("[]"), int(found[2] or PORT))
