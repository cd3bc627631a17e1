"""Key rings are read from their folders: ids and dates, never a key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.keys.key_rings import KeyRings
from sessiondoctor.formats.key_ring import LONGEST
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.keys.key_rings import plan
from sessiondoctor.topology.model import Node, Site, Store
from tests.fakes.peers import array, ask, bulk, context, redis, topology
from tests.formats.test_key_ring import PLAIN, REVOKED

if TYPE_CHECKING:
    from pathlib import Path

KEY = "1eafddbf-d78d-4dad-a0c3-c5a802ee3083"


def read(*folders: Path) -> KeyRings:
    """The rings in these folders, of nodes app1, app2 ..."""
    site = topology(nodes=tuple(Node(f"app{n}", key_ring=str(folder)) for n, folder in enumerate(folders, 1)))
    (probe,) = plan(site, Options())
    assert isinstance(probe, Probe)
    assert probe.contacts == {}
    found = ask(probe, context(site))
    assert isinstance(found, KeyRings)
    return found


def test_the_rings_of_two_nodes(tmp_path: Path) -> None:
    """Keys with their dates; a revoked one is marked; other files are left alone or counted."""
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        (folder / f"key-{KEY}.xml").write_text(PLAIN)
        (folder / "readme.txt").write_text("x")
    (second / "revocation-1.xml").write_text(REVOKED.format(KEY))
    (second / "key-damaged.xml").write_text("<key")
    (second / "key-huge.xml").write_text(PLAIN + " " * LONGEST)
    rings = read(first, second)
    assert [(ring.node, set(ring.ids), ring.unreadable) for ring in rings.rings] == [
        ("app1", {KEY}, 0),
        ("app2", {KEY}, 2),
    ]
    assert [key.revoked for ring in rings.rings for key in ring.keys] == [False, True]
    assert "c2VjcmV0" not in repr(rings)


def test_every_key_until_a_date_is_revoked(tmp_path: Path) -> None:
    """And none that was made later."""
    (tmp_path / "key-1.xml").write_text(PLAIN)
    (tmp_path / "key-2.xml").write_text(PLAIN.replace("1EAFDDBF", "2EAFDDBF").replace("2018-07", "2014-07"))
    (tmp_path / "revocation-2.xml").write_text(REVOKED.format("*"))
    (ring,) = read(tmp_path).rings
    assert [(key.key_id[0], key.revoked) for key in ring.keys] == [("2", True), ("1", False)]


def test_a_ring_in_redis() -> None:
    """A list of elements, of a site on ASP.NET Core; a store without one is left out."""

    def reply(command: tuple[str, ...]) -> bytes:
        answers = {"TYPE": b"+list\r\n", "LRANGE": array(bulk(PLAIN), bulk("<nonsense"))}
        return answers.get(command[0], b"")

    async def run() -> KeyRings:
        async with redis(reply) as server, redis(lambda c: b"+none\r\n" if c[0] == "TYPE" else b"") as empty:
            stores = (Store("sessions", "redis", (server.url,)), Store("cache", "redis", (empty.url,)))
            site = topology(site=Site("http://127.0.0.1:9/", stack="aspnetcore"), stores=stores)
            (probe,) = plan(site, Options())
            assert isinstance(probe, Probe)
            found = await probe.ask(context(site))
            assert isinstance(found, KeyRings)
            assert ("LRANGE", "DataProtection-Keys", "0", "499") in server.commands
            return found

    rings = asyncio.run(run())
    assert [(ring.node, set(ring.ids), ring.unreadable) for ring in rings.rings] == [("sessions", {KEY}, 1)]
    assert "c2VjcmV0" not in repr(rings)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It is said whose."""
    with pytest.raises(Unavailable, match="the key ring of app1 cannot be read: no such file"):
        read(tmp_path / "none")


def test_nothing_declared() -> None:
    """There is a hint."""
    (entry,) = plan(topology(nodes=(Node("a"),)), Options())
    assert isinstance(entry, Absent)
    assert "key_ring" in entry.hint
