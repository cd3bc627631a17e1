"""Stores, name servers and time servers."""

from __future__ import annotations

import re
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.benchmarks.zoo.animal import Animal, Stage
from tests.benchmarks.zoo.peers import Perform, datagrams, drips, floods, peer, says
from tests.benchmarks.zoo.stages import BULK, GENERIC, PAGE, declared, store, written

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path


def redis() -> Iterator[Animal]:
    """Servers that take themselves for a Redis."""
    behaviours = GENERIC | {
        "harmless": says(b"+OK\r\n"),
        "bulk of 2 GB": floods(b"$2147483647\r\n", BULK),
        "array of 2e9": floods(b"*2000000000\r\n", b":1\r\n" * 9000),
        "nested arrays": floods(b"", b"*1\r\n" * 9000),
        "negative": says(b"$-99\r\n*-5\r\n"),
        "long number": says(b":" + b"9" * 60_000 + b"\r\n"),
        "error without end": floods(b"-ERR ", BULK),
        "keys of 2 MB": _redis_keys(2_000_000, 20),
        "pages without end": _redis_keys(10, 1000),
        "attributes": floods(b"", b"|1\r\n+a\r\n+b\r\n" * 900),
        "big map": floods(b"%999999999\r\n", b"+a\r\n+b\r\n" * 9000),
        "drips a bulk": drips(b"$100000\r\n"),
    }
    for name, perform in behaviours.items():
        yield Animal("Redis", name, declared(perform, store("redis", "redis://:pw@127.0.0.1:{port}/0")))
    for name in ("floods", "nested arrays", "drips a bulk"):
        for scheme in ("redis+cluster", "redis+sentinel"):
            url = f"{scheme}://127.0.0.1:{{port}}/" + ("mymaster/0" if "sentinel" in scheme else "")
            yield Animal("Redis", f"{name}, {scheme}", declared(behaviours[name], store("redis", url)))


def _redis_keys(size: int, count: int) -> Perform:
    """A SCAN that has always more."""
    info = b"redis_version:7.2.0\r\nrole:master\r\nused_memory:1\r\ndb0:keys=99999999,expires=5,avg_ttl=5\r\n"
    keys = (b"$%d\r\n" % size + b"k" * size + b"\r\n") * count
    scan = b"*2\r\n$2\r\n17\r\n*%d\r\n" % count + keys

    def perform(link: socket.socket) -> None:
        while asked := link.recv(65536):
            for command in re.findall(rb"\*\d+\r\n\$\d+\r\n(\w+)", asked):
                match command.upper():
                    case b"INFO":
                        link.sendall(b"$%d\r\n" % len(info) + info + b"\r\n")
                    case b"SCAN":
                        link.sendall(scan)
                    case b"DBSIZE" | b"TTL" | b"PTTL" | b"EXISTS" | b"MEMORY" | b"STRLEN":
                        link.sendall(b":99999999\r\n")
                    case _:
                        link.sendall(b"+OK\r\n")

    return perform


def sql() -> Iterator[Animal]:
    """Databases."""
    greeting = b"\x4a\x00\x00\x00\x0a8.0.36\x00\x01\x00\x00\x00saltsalt\x00\xff\xf7\xff\x02\x00\x0f\x00\x15" + bytes(10)
    for product in ("mysql", "postgresql"):
        behaviours = GENERIC | {
            "packet of 16 MB": floods(b"\xff\xff\xff\x00\x0a", BULK, asked=False),
            "greeting drips": drips(greeting, b"\x00"),
            "greeting, then floods": floods(greeting + b"saltsaltsalt\x00mysql_native_password\x00", BULK, asked=False),
            "notices without end": floods(
                b"R\x00\x00\x00\x08\x00\x00\x00\x00", b"N\x00\x00\x00\x0cSNOTICE\x00\x00" * 900
            ),
            "parameters without end": floods(
                b"NR\x00\x00\x00\x08\x00\x00\x00\x00", b"S\x00\x00\x00\x08a\x00b\x00" * 900
            ),
            "message of 1 GB": floods(b"NR\x40\x00\x00\x00", BULK),
            "asks for a password for ever": says(b"R\x00\x00\x00\x08\x00\x00\x00\x03"),
            "encryption, then silent": says(b"S"),
        }
        url = f"{product}://shop:pw@127.0.0.1:{{port}}/shop"
        for name, perform in behaviours.items():
            yield Animal("SQL", f"{product}, {name}", declared(perform, store("sql", url, table="sessions")))


def memcached() -> Iterator[Animal]:
    """Caches."""
    behaviours = GENERIC | {
        "harmless": says(b"END\r\n"),
        "echoes": _echo,
        "figures without end": floods(b"", b"STAT a 1\r\n" * 900),
        "value of 1 GB": floods(b"VALUE k 0 1000000000\r\n", BULK),
        "dump without end": floods(b"", b"key=a exp=0 la=0 cas=1 fetch=no cls=1 size=60\r\n" * 900),
        "long key": floods(b"key=", BULK),
        "error": says(b"SERVER_ERROR \x1b[2J out of memory\r\n"),
    }
    for name, perform in behaviours.items():
        yield Animal("memcached", name, declared(perform, store("memcached", "memcached://127.0.0.1:{port}")))


def _echo(link: socket.socket) -> None:
    while data := link.recv(65536):
        link.sendall(data * 20)


def names() -> Iterator[Animal]:
    """Resolvers, and time servers."""
    answers: dict[str, Callable[[bytes], list[bytes]]] = {
        "nothing": lambda _: [],
        "garbage": lambda _: [b"\xff" * 500],
        "echo": lambda asked: [asked],
        "pointer to itself": lambda asked: [
            _dns(asked, b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x01\x00\x02\xc0\x0c", 1)
        ],
        "loop of pointers": lambda asked: [_dns(asked, b"\xc0\x1d" * 20, 1)],
        "10,000 records": lambda asked: [
            _dns(asked, b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04\x7f\x00\x00\x01", 4000)
        ],
        "thousand answers": lambda asked: [_dns(asked, b"", 0)] * 1000,
        "other ids": lambda asked: [b"\x00\x00" + asked[2:]] * 50,
        "truncated": lambda asked: [asked[:2] + b"\x87\x00" + asked[4:]],
        "refused": lambda asked: [asked[:2] + b"\x81\x85" + asked[4:]],
        "counts that lie": lambda asked: [asked[:2] + b"\x81\x80\x00\x01\xff\xff\xff\xff\xff\xff" + asked[12:]],
    }
    for name, answer in answers.items():
        yield Animal(
            "DNS",
            name,
            _datagrams(answer, lambda port: {"dns": {"name": "shop.test", "resolvers": [f"127.0.0.1:{port}"]}}),
        )
    times: dict[str, Callable[[bytes], list[bytes]]] = {
        "nothing": lambda _: [],
        "garbage": lambda _: [b"\xff" * 500],
        "short": lambda _: [b"\x24"],
        "zeros": lambda _: [bytes(48)],
        "echo": lambda asked: [asked],
        "stratum 0": lambda asked: [_ntp(asked, stratum=0)],
        "stratum 16": lambda asked: [_ntp(asked, stratum=16)],
        "leap 3": lambda asked: [_ntp(asked, first=0xE4)],
        "client's mode": lambda asked: [_ntp(asked, first=0x23)],
        "before 1900": lambda asked: [_ntp(asked, at=0)],
        "2036": lambda asked: [_ntp(asked, at=2**32 - 1)],
        "flood": lambda asked: [_ntp(asked)] * 3000,
        "huge": lambda _: [b"\x24" * 60_000],
    }
    for name, answer in times.items():
        yield Animal("NTP", name, _datagrams(answer, lambda port: {"time": {"servers": [f"127.0.0.1:{port}"]}}))


def _dns(asked: bytes, record: bytes, count: int) -> bytes:
    return (
        asked[:2]
        + b"\x81\x80\x00\x01"
        + struct.pack(">H", count)
        + b"\x00\x00\x00\x00"
        + asked[12:]
        + (record * count)[:60_000]
    )


def _ntp(asked: bytes, *, first: int = 0x24, stratum: int = 2, at: int = 3_900_000_000) -> bytes:
    sent = asked[40:48] if len(asked) >= 48 else bytes(8)
    return bytes((first, stratum, 6, 236)) + bytes(20) + sent + struct.pack(">II", at, 0) * 2


def _datagrams(answer: Callable[[bytes], list[bytes]], make: Callable[[int], dict[str, Any]]) -> Stage:
    @contextmanager
    def stage(folder: Path) -> Iterator[list[str]]:
        with peer(says(PAGE)) as home, datagrams(answer) as port:
            yield ["scan", written(folder, home, make(port))]

    return stage
