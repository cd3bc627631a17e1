"""Folders of session files: recognised, counted, searched; whatever else is in them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pickle
import struct
import zlib
from contextlib import AsyncExitStack
from hashlib import md5
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.stores import files
from sessiondoctor.stores.contract import Source, kind_named
from sessiondoctor.stores.files import walk
from sessiondoctor.stores.files.counting import look
from sessiondoctor.topology.model import Store, bare
from sessiondoctor.topology.secret import Secret
from sessiondoctor.topology.store_kinds import kind_of_url
from tests.fakes.peers import context

if TYPE_CHECKING:
    from pathlib import Path

    from sessiondoctor.evidence.stores.census import Census
    from sessiondoctor.evidence.stores.located import Place

GIVEN = context(bare("http://127.0.0.1/"))
KEY = "k3yofasess10nthatnobodymaysee123"
HASHED = f"2::{'0a' * 32}"
JSON = json.dumps({"items": ["a cart that is long enough to be worth a compression " * 3]}).encode()
DJANGO = f".{base64.urlsafe_b64encode(zlib.compress(JSON)).decode().rstrip('=')}:1tAbCd:{'s' * 43}".encode()
CACHELIB = struct.pack("I", 1_900_000_000) + pickle.dumps({"items": []})

# Product, file below the folder, prefix, id, value, encoding.
PRODUCTS = (
    ("php", f"sess_{KEY}", "sess_", KEY, b'items|a:1:{i:0;s:1:"x";}', "php"),
    ("php", f"k/3/sess_{KEY}", "sess_", KEY, b'a:1:{s:5:"items";a:0:{}}', "php-serialize"),
    ("django", f"sessionid{KEY}", "sessionid", KEY, DJANGO, "json"),
    ("django", f"shopsid{KEY}", "shopsid", KEY, DJANGO, "json"),
    ("tomcat", f"{'0A' * 16}.session", "", "0A" * 16, b"\xac\xed\x00\x05sr\x00\x0ejava.lang.Long", "java"),
    ("rails-server-side", f"3AF/0B1/{quote(f'_session_id:{HASHED}')}", "_session_id%3A", HASHED,
     b"\x04\x08{\x06", "marshal"),
    ("flask-session", md5(f"session:{KEY}".encode()).hexdigest(), "", KEY, CACHELIB, "pickle"),
    ("express-session", f"{KEY}.json", "", KEY, b'{"cookie":{}}', "json"),
)  # fmt: skip
each = pytest.mark.parametrize("product", PRODUCTS, ids=[f"{one[0]}-{one[1][:6]}" for one in PRODUCTS])


def store(folder: Path | str) -> Store:
    """A declared folder."""
    return Store("disk", "files", (Secret(f"file://{folder}"),))


def census(folder: Path | str) -> Census:
    """A census of it."""
    return asyncio.run(files.census(store(folder), GIVEN))


async def found(folder: Path | str, *ids: str, patterns: tuple[str, ...] = ()) -> list[tuple[Place, float | None]]:
    """Where a session is, and how long it lives, as a search goes about it."""
    async with AsyncExitStack() as stack:
        opened = await files.keyspaces([Source("disk", "files", (Secret(f"file://{folder}"),))], GIVEN, stack)
        (keyspace,) = opened.keyspaces
        stored = await keyspace.declared(ids, patterns) or await keyspace.known(ids) or await keyspace.scan(ids)
        return [(await stored.place(), await stored.ttl_s())] if stored else []


def put(folder: Path, name: str, value: bytes) -> Path:
    """Writes a file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value)
    return path


@each
def test_a_product_is_counted_and_found(product: tuple[str, str, str, str, bytes, str], tmp_path: Path) -> None:
    """Its files are recognised by their names; a session's is found by the id in the cookie."""
    name, path, prefix, session, value, encoding = product
    put(tmp_path, path, value)
    put(tmp_path, "README", b"hello")
    seen = census(tmp_path)
    (group,) = seen.groups
    assert (group.product, group.prefix, group.keys, group.encodings) == (name, prefix, 1, {encoding: 1})
    assert (seen.total_keys, sum(group.keys for group in seen.groups), seen.exact) == (2, 1, True)
    assert group.size_bytes
    assert group.size_bytes.top == len(value)
    assert (group.ttl_s, group.without_ttl) == (None, 0)

    ((place, life),) = asyncio.run(found(tmp_path, "another-id-of-a-session", session))
    assert (place.layout, place.prefix, place.encoding, place.home) == (name, prefix, encoding, str(tmp_path))
    assert (place.on_disk, place.timeless, place.size_bytes, life) == (True, True, len(value), -1)
    assert session not in repr(place) + repr(seen)
    assert asyncio.run(found(tmp_path, "another-id-of-a-session")) == []


def test_a_declared_pattern(tmp_path: Path) -> None:
    """It is looked for first."""
    put(tmp_path, f"shop-{KEY}", b"{}")
    assert census(tmp_path).groups[0].prefix == "shop-"  # as Django's with another cookie name
    ((place, _),) = asyncio.run(found(tmp_path, KEY, patterns=("shop-*",)))
    assert place.prefix == "shop-"


def test_a_deleted_file_is_gone(tmp_path: Path) -> None:
    """While it is watched."""
    path = put(tmp_path, f"sess_{KEY}", b"a|i:1;")

    async def watch() -> tuple[float | None, float | None]:
        async with AsyncExitStack() as stack:
            opened = await files.keyspaces([Source("disk", "files", (Secret(f"file://{tmp_path}"),))], GIVEN, stack)
            stored = await opened.keyspaces[0].known([KEY])
            assert stored
            before = await stored.ttl_s()
            path.unlink()
            return before, await stored.ttl_s()

    assert asyncio.run(watch()) == (-1.0, None)


def test_ids_never_lead_out_of_the_folder(tmp_path: Path) -> None:
    """They come from cookies."""
    put(tmp_path, "secret", b"root:x:0:0")
    folder = tmp_path / "sessions"
    folder.mkdir()
    for text in (
        "../secret",
        "/etc/passwd",
        "..",
        "a/../../secret",
        "x\x00y",
        "\udcff" * 9,
        "a" * 5000,
        "....//secret",
    ):
        assert asyncio.run(found(folder, text)) == []


def test_links_pipes_and_loops_are_left_alone(tmp_path: Path) -> None:
    """Only ordinary files are looked at: opening a pipe would wait for a writer, a link may lead anywhere."""
    folder = tmp_path / "sessions"
    folder.mkdir()
    outside = put(tmp_path, "outside", b"a|i:1;")
    (folder / f"sess_{'a' * 26}").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / f"sess_{'b' * 26}")
    put(folder, f"sess_{'c' * 26}", b"a|i:1;")
    seen = census(folder)
    assert (seen.total_keys, seen.exact) == (1, True)
    for letter in "ab":
        assert asyncio.run(found(folder, letter * 26)) == []
        assert walk.head_of(str(folder / f"sess_{letter * 26}")) == b""


def test_names_with_escapes_and_octets_that_are_no_text(tmp_path: Path) -> None:
    """They are counted, and never shown."""
    for name in (b"sess_\x1b[2J" + b"x" * 26, b"\xff\xfe" * 8, b"sess_" + b"\n" * 8, b"sess_" + b"d" * 26):
        (tmp_path / os.fsdecode(name)).write_bytes(b"a|i:1;")
    seen = census(tmp_path)
    assert (seen.total_keys, sum(group.keys for group in seen.groups)) == (4, 1)
    assert [group.prefix for group in seen.groups] == ["sess_"]


def test_too_many_files_and_too_deep_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk ends, and says that it did not see everything."""
    monkeypatch.setattr(walk, "MOST_FILES", 500)
    for number in range(600):
        put(tmp_path, f"sess_{number:026d}", b"")
    seen = census(tmp_path)
    assert (seen.total_keys, seen.exact) == (500, False)
    with pytest.raises(Unavailable, match="more files than can be searched"):
        asyncio.run(found(tmp_path, "no-session-has-this-id"))
    assert asyncio.run(found(tmp_path, f"{599:026d}")), "a file with a usual name needs no walk"
    deep = tmp_path / "deep"
    put(deep, f"a/b/c/d/e/sess_{KEY}", b"")
    assert (census(deep).total_keys, census(deep).exact) == (0, False)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It may be another machine's: nobody is blamed."""
    path = put(tmp_path, "file", b"")
    for folder, words in ((tmp_path / "none", "there is no folder"), (path, "is no folder")):
        for question in (files.census, files.reach):
            with pytest.raises(Unavailable, match=words) as caught:
                asyncio.run(question(store(folder), GIVEN))
            assert caught.value.hint


def test_the_file_system_is_looked_at(tmp_path: Path) -> None:
    """Its space, its inodes, and how old the files are."""
    put(tmp_path, f"sess_{KEY}", b"a|i:1;")
    old = put(tmp_path, f"sess_{'o' * 26}", b"a|i:1;")
    os.utime(old, (1, 1))
    seen = asyncio.run(look(store(tmp_path), GIVEN))
    assert (seen.store, seen.folder, seen.files, seen.sessions, seen.stale) == ("disk", str(tmp_path), 2, 2, 1)
    assert seen.free_bytes > 0
    assert seen.exact


def test_a_file_system_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a lost NFS server makes it: an observation, not a scan that never ends."""
    held = os.pipe()
    monkeypatch.setattr(walk, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(files, "insist_on_folder", lambda _: os.read(held[0], 1))
    reach = asyncio.run(files.reach(store(tmp_path), GIVEN))
    os.write(held[1], b"x")
    assert (reach.answers, reach.trouble) == (False, "timeout")


def test_the_scheme_leads_here() -> None:
    """Also what a node is told."""
    assert kind_of_url(Secret("file:///var/lib/php/sessions")) == "files"
    assert kind_named("files") is files
    assert files.places((Secret("file:///var/lib/php/sessions/"),)) == ("/var/lib/php/sessions",)
    assert files.places((Secret("file:relative"),)) == ()
