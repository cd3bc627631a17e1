"""A bundle holds everything that judging takes, and nothing that opens a session."""

from __future__ import annotations

import io
import json
import math
import random
import warnings
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.keys.key_rings import KeyRings
from sessiondoctor.evidence.network.names import Names
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.outcome import bundle as module
from sessiondoctor.outcome.bundle import Bundle, is_bundle, pack, unpack, without_secrets
from sessiondoctor.outcome.evidence_json import documents, kinds, read_document
from sessiondoctor.pipeline.bundles import topology_in
from tests.checks import build

if TYPE_CHECKING:
    from pathlib import Path

SERVER = RedisServer(
    "sessions", "10.0.0.9:6379", "7.0", "master", 60, errors={"OOM": 3}, databases={"db0": {"keys": 1}}
)


def bundle(*pieces: Piece, **changes: Any) -> Bundle:
    """A bundle of these pieces."""
    return Bundle(Gathered(pieces), "https://shop.test/", **changes)


def members(content: bytes) -> dict[str, bytes]:
    """What is in a zip archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(content: bytes, **changes: Any) -> bytes:
    """The same bundle with another index."""
    found = members(content)
    found["bundle.json"] = json.dumps(json.loads(found["bundle.json"]) | changes).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in found.items():
            archive.writestr(name, text)
    return target.getvalue()


def test_evidence_comes_back_as_it_was() -> None:
    """Values, reasons, order within a kind."""
    pieces = (
        Piece(Replay, "site", build.replay("kll lkl llk")),
        Piece(RedisServer, "sessions", SERVER),
        Piece(RedisServer, "other", unavailable="no answer within 10 s", hint="try again"),
        Piece(Names, "site", absent="no name is declared"),
    )
    found = unpack(pack(bundle(*pieces)), "b.zip").gathered.pieces
    assert sorted(found, key=repr) == sorted(pieces, key=repr)


def test_every_kind_of_evidence_can_be_written_and_read() -> None:
    """Names are unique, and pydantic knows all types."""
    from pydantic import TypeAdapter

    assert len(kinds()) > 50
    for kind in kinds().values():
        assert TypeAdapter(kind)


def test_numbers_that_json_lacks_survive() -> None:
    """Infinity."""
    piece = Piece(KeyRings, "site", KeyRings((), math.inf))
    (text,) = documents([piece]).values()
    assert list(read_document("KeyRings", text)) == [piece]


def test_a_bundle_can_be_read_by_hand() -> None:
    """Text files with telling names."""
    found = members(pack(bundle(Piece(RedisServer, "sessions", SERVER), topology="site: {url: https://shop.test/}\n")))
    assert list(found) == ["README.txt", "bundle.json", "topology.yaml", "evidence/RedisServer.json"]
    assert json.loads(found["evidence/RedisServer.json"])[0]["value"]["errors"] == {"OOM": 3}
    assert is_bundle(pack(bundle()))


def test_the_rest_comes_back_too() -> None:
    """Target, symptoms, when, what was asked."""
    whole = bundle(
        topology="a: 1\n", environ={"PASSWORD": "redacted"}, symptoms=("state-lost",), started_at="2024-01-02T03:04:05",
        duration_s=1.5, plan=("Visits site: 8 clients",), tool="1.0",
    )  # fmt: skip
    assert unpack(pack(whole), "b.zip") == whole


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"text", pack(bundle())[:200]])
def test_what_is_no_bundle_is_refused(content: bytes) -> None:
    """By name."""
    with pytest.raises(UsageError, match=r"b\.zip: not a bundle"):
        unpack(content, "b.zip")


def test_a_newer_bundle_is_refused() -> None:
    """It may say what this version does not know."""
    with pytest.raises(UsageError, match="a newer sessiondoctor"):
        unpack(repacked(pack(bundle()), schema=99), "b.zip")


def test_an_older_bundle_is_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Step by step to the schema of today."""

    def renamed(old: dict[str, bytes]) -> dict[str, bytes]:
        index = json.loads(old["bundle.json"])
        return old | {"bundle.json": json.dumps({**index, "target": index["url"]}).encode()}

    monkeypatch.setattr(module, "_MIGRATIONS", {0: renamed})
    content = repacked(pack(bundle()), schema=0, target="", url="https://old.test/")
    assert unpack(content, "b.zip").target == "https://old.test/"


def test_evidence_of_another_version_is_no_pass() -> None:
    """It could not be read: that is unavailable."""
    (piece,) = read_document("RedisServer", b'[{"subject": "sessions", "value": {"store": 5}}]')
    assert piece.value is None
    assert "another version" in piece.unavailable
    assert list(read_document("NoLongerThere", b"[]")) == []


def test_a_bomb_is_refused() -> None:
    """Before it is unpacked."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(400):
            archive.writestr(f"evidence/Kind{number}.json", b"")
    with pytest.raises(UsageError, match="too large"):
        unpack(target.getvalue(), "b.zip")


def packed(*members: tuple[str, bytes]) -> bytes:
    """An archive; a name may stand in it twice."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, text in members:
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return target.getvalue()


INDEX = ("bundle.json", json.dumps({"schema": 1, "target": "https://shop.test/"}).encode())
MANY = b"[" + b'{"subject": "a", "unavailable": "b"}, ' * 3000 + b"{}]"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (packed(INDEX, ("evidence/Census.json", bytes(2 << 20))), "packed too tightly"),
        (packed(INDEX, ("evidence/Census.json", random.Random(1).randbytes(33 << 20))), "too large"),
        (packed(INDEX, ("evidence/StoreReach.json", MANY)), "more than 2000"),
        (packed(INDEX, ("evidence/Census.json", b"[" * 100_000)), "damaged"),
        (packed(INDEX, INDEX), "two members of one name"),
        (packed(INDEX)[:40] + b"\xff" * 20 + packed(INDEX)[60:], "damaged"),
    ],
    ids=["bomb", "large", "many", "nested", "twice", "bits"],
)
def test_hostile_bundles_are_refused(content: bytes, says: str) -> None:
    """In one line, before they take much."""
    with pytest.raises(UsageError, match=says):
        unpack(content, "b.zip")


def test_only_the_members_of_a_bundle_are_read() -> None:
    """Paths that lead out of it, and bombs under other names, are left alone."""
    found = unpack(packed(INDEX, ("../../etc/passwd", b"x"), ("README.txt", bytes(40 << 20))), "b.zip")
    assert (found.target, found.gathered.pieces) == ("https://shop.test/", ())


def test_a_bundle_names_no_file_of_this_machine(tmp_path: Path) -> None:
    """Its topology is in it; a target that is none is not looked for."""
    file = tmp_path / "own.yaml"
    file.write_text("version: 1\nsite: {url: 'https://own.test/'}\n")
    with pytest.raises(UsageError, match="does not hold it"):
        topology_in(replace(bundle(), target=str(file)))


def test_comments_and_secrets_leave_the_topology_readable() -> None:
    """Line by line."""
    text = "a: 1 # the password is hunter2\n# hunter2\nb: 'x # y'\nc: hunter2\n"
    clean = without_secrets(text, lambda told: told.replace("hunter2", "[redacted]"))
    assert clean == "a: 1 #\n#\nb: 'x # y'\nc: redacted\n"
