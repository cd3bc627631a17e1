"""Databases that drip, flood or say nothing: none holds a scan up, fills its memory, or outlives it."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.stores import sql
from sessiondoctor.stores.sql import client
from sessiondoctor.stores.sql.counting import take
from sessiondoctor.topology.model import Store, bare
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import context, tcp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from sessiondoctor.evidence.stores.store_reach import StoreReach

    Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

GIVEN = context(bare("http://127.0.0.1/"))
GREETING = b"".join((
    b"\x0a8.0.36\x00", b"\x01\x00\x00\x00", b"saltsalt\x00", b"\xff\xf7", b"\xff\x02\x00\x0f\x00\x15", bytes(10),
    b"saltsaltsalt\x00mysql_native_password\x00",
))  # fmt: skip
"""Without TLS."""
COLUMN = b"\x03def\x00\x00\x00\x01x\x00\x0c\x3f\x00\x00\x00\x00\x00\xfd\x00\x00\x00\x00\x00"


def packet(number: int, body: bytes) -> bytes:
    """One of MySQL's."""
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


async def drip(writer: asyncio.StreamWriter, octets: bytes) -> None:
    """One octet in a tenth of a second: no time limit of a single read ends this."""
    for octet in octets * 100:
        writer.write(bytes([octet]))
        await asyncio.sleep(0.1)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing."""
    del writer
    await reader.read()


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A greeting that comes, octet by octet."""
    del reader
    await drip(writer, packet(0, GREETING))


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A packet of 16 MB, again and again."""
    del reader
    writer.write(b"\xff\xff\xff\x00")
    while True:
        writer.write(b"\x0a" * 65536)
        await writer.drain()


async def logs_in_and_floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As a MySQL does, and then an answer without an end."""
    writer.write(packet(0, GREETING))
    await reader.read(1000)
    writer.write(packet(2, b"\x00\x00\x00\x02\x00\x00\x00"))
    while b"SET" in (await reader.read(1000)):
        writer.write(packet(1, b"\x00\x00\x00\x02\x00\x00\x00"))
    writer.write(packet(1, b"\x01") + packet(2, COLUMN) + packet(3, b"\xfe\x00\x00\x02\x00"))
    for number in itertools.count(4):
        writer.write(packet(number % 256, b"\xfd\xff\xff\x00" + b"x" * 65535))
        await writer.drain()


async def postgres_floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A PostgreSQL that lets everybody in, and answers with a row of 1 GB."""
    await reader.read(8)
    writer.write(b"N")
    await reader.read(1000)
    writer.write(b"R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I")
    await reader.read(1000)
    writer.write(b"T\x00\x00\x00\x1a\x00\x01x\x00" + b"\x00" * 18)
    writer.write(b"D\x40\x00\x00\x0a\x00\x01\x3f\xff\xff\xff")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


@asynccontextmanager
async def reached(talk: Talk, product: str) -> AsyncIterator[asyncio.Task[StoreReach]]:
    """A probe on its way to such a peer."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await talk(reader, writer)

    async with tcp(guarded) as port:
        url = Secret(f"{product}://shop:password-1@127.0.0.1:{port}/shop")
        yield asyncio.create_task(sql.reach(Store("db", "sql", (url,)), GIVEN))


PEERS = [
    (silent, "mysql"), (silent, "postgresql"), (drips, "mysql"), (drips, "postgresql"), (floods, "mysql"),
    (floods, "postgresql"), (logs_in_and_floods, "mysql"), (postgres_floods, "postgresql"),
]  # fmt: skip


@pytest.mark.parametrize(("talk", "product"), PEERS)
def test_a_database_that_never_ends_is_left_at_once(talk: Talk, product: str) -> None:
    """When the deadline of a scan ends the probe; its thread ends soon after, and nothing waits for it."""

    async def go() -> float:
        async with reached(talk, product) as task:
            await asyncio.wait([task], timeout=0.6)
            began = time.monotonic()
            task.cancel()
            await asyncio.wait([task], timeout=5)
            return time.monotonic() - began

    before = threading.active_count()
    assert asyncio.run(go()) < 0.7
    for _ in range(100):
        if threading.active_count() <= before:
            break
        time.sleep(0.05)
    assert threading.active_count() <= before


@pytest.mark.parametrize(
    ("talk", "product", "says"),
    [
        (floods, "mysql", "sends more than an answer can have"),
        (floods, "postgresql", ""),
        (logs_in_and_floods, "mysql", "sends more than an answer can have"),
        (postgres_floods, "postgresql", "sends more than an answer can have"),
    ],
)
def test_a_database_that_floods_is_hung_up_on(talk: Talk, product: str, says: str) -> None:
    """After the most that an answer can have; it is said why."""

    async def go() -> StoreReach:
        async with reached(talk, product) as task:
            return await task

    seen = asyncio.run(go())
    assert seen.answers is False
    assert says in seen.reason


def test_a_database_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each octet is in time; all together are not."""
    monkeypatch.setattr(client, "_PATIENCE_S", 0.5)

    async def go() -> StoreReach:
        async with reached(drips, "mysql") as task:
            return await task

    assert asyncio.run(go()).trouble == "timeout"


MEMORY = """
import asyncio, resource, sys
from sessiondoctor.stores import sql
from sessiondoctor.stores.sql.counting import take
from sessiondoctor.topology.model import Store, bare
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import context
import sqlalchemy, sqlite3, sqlalchemy.dialects.sqlite
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
store = Store("db", "sql", (Secret("sqlite:///" + sys.argv[1]),), table="sessions")
found = asyncio.run(take(store, context(bare("http://h/"))))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, found.sampled)
"""


@pytest.mark.parametrize("kind", ["BLOB", "TEXT"])
def test_a_large_value_of_sqlite_is_not_loaded(tmp_path: Path, kind: str) -> None:
    """Neither for its size nor for its head: 200 MB, of which the census sees what it can without."""
    file = tmp_path / "large.db"
    with sqlite3.connect(file) as database:
        database.execute(f"CREATE TABLE sessions (session_id TEXT PRIMARY KEY, data {kind}, expiry DATETIME)")
        large = "zeroblob(200000000)" if kind == "BLOB" else "replace(hex(zeroblob(100000000)), '00', 'ab')"
        database.execute(f"INSERT INTO sessions VALUES ('a', {large}, '2040-01-01')")
        database.execute("INSERT INTO sessions VALUES ('b', 'x', '2040-01-01')")
    database.close()
    done = subprocess.run([sys.executable, "-c", MEMORY, file], capture_output=True, text=True, timeout=60, check=True)
    grown, sampled = map(int, done.stdout.split())
    assert grown < 40
    assert sampled == 2


def test_a_census_of_a_small_table_still_tells_sizes(tmp_path: Path) -> None:
    """Octets of text and of blobs alike."""
    file = tmp_path / "small.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE sessions (session_id TEXT PRIMARY KEY, data, expiry DATETIME)")
        database.execute("INSERT INTO sessions VALUES ('a', 'äöü', '2040-01-01'), ('b', x'010203', '2040-01-01')")
    database.close()
    store = Store("db", "sql", (Secret(f"sqlite:///{file}"),), table="sessions")
    sizes = asyncio.run(take(store, GIVEN)).groups[0].size_bytes
    assert sizes is not None
    assert (sizes.low, sizes.top) == (3, 6)
