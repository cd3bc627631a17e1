"""How scans of hostile peers are made."""
# ruff: noqa: E501 - a case is one line of a table

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

from tests.benchmarks.zoo.peers import Perform, closed, drips, floods, peer, says, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.benchmarks.zoo.animal import Stage

OK = b"HTTP/1.1 200 OK\r\n"
PAGE = OK + b"Set-Cookie: sid=0123456789abcdef0123456789abcdef; Path=/\r\nContent-Length: 5\r\n\r\nhello"
NESTED = b"[" * 900_000


BULK = b"x" * 65536
GENERIC: dict[str, Perform] = {
    "silent": silent, "closed": closed, "garbage": says(b"\xff\x00<html>\r\n"), "drips": drips(b""), "floods": floods(b"", BULK),
    "line ends without end": floods(b"", b"\r\n" * 9000), "http": says(PAGE), "floods unasked": floods(b"", BULK, asked=False),
}  # fmt: skip


def page(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole response."""
    head = b"".join(one + b"\r\n" for one in headers)
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n" % (status, head, len(body)) + body


def site(perform: Perform, *words: str) -> Stage:
    """A scan of a site that does so."""

    @contextmanager
    def stage(_folder: Path) -> Iterator[list[str]]:
        with peer(perform) as port:
            yield ["scan", f"http://127.0.0.1:{port}/", *words]

    return stage


def declared(perform: Perform, make: Callable[[int], dict[str, Any]], flow: dict[str, Any] | None = None) -> Stage:
    """A scan of a harmless site with one part that does so; `make` tells the topology from its port."""

    @contextmanager
    def stage(folder: Path) -> Iterator[list[str]]:
        with peer(says(PAGE)) as home, peer(perform) as port:
            yield ["scan", written(folder, home, make(port), flow)]

    return stage


def written(folder: Path, home: int, more: dict[str, Any], flow: dict[str, Any] | None = None) -> str:
    """A topology file."""
    about = {"version": 1, "site": {"url": f"http://127.0.0.1:{home}/", **({"flow": flow} if flow else {})}, **more}
    file = folder / "sessiondoctor.yaml"
    file.write_text(yaml.safe_dump(about), encoding="utf-8")
    return str(file)


def store(kind: str, url: str, **more: Any) -> Callable[[int], dict[str, Any]]:
    """A store; `url` with `{port}`."""
    return lambda port: {"stores": [{"name": "sessions", "kind": kind, "url": url.format(port=port), **more}]}
