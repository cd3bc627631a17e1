"""A bundle: the evidence of one scan in one file, redacted, to be judged elsewhere (`collect`, `judge BUNDLE`).

    README.txt             what this is
    bundle.json            schema, tool, target, when, what was asked
    topology.yaml          the topology file as it was, without secrets and comments; not for a bare URL
    evidence/<Kind>.json   what was seen, by kind (`sessiondoctor.outcome.evidence_json`)

`schema` counts up when a document changes so that older ones must be rewritten; `_MIGRATIONS` does that.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sessiondoctor.errors import UsageError
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.outcome.evidence_json import documents, read_document

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = 1
_INDEX = "bundle.json"
_TOPOLOGY = "topology.yaml"
_MOST_MEMBERS = 300
LARGEST = 32 << 20
"""Bytes of all members together, unpacked."""
_SMALL = 1 << 20
_TIGHTEST = 200  # times: what is packed tighter is made for that
_MEMBER = re.compile(r"bundle\.json|topology\.yaml|evidence/\w{1,60}\.json", re.ASCII)
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, struct.error, LookupError, ValueError, TypeError, AttributeError, ArithmeticError,
    NotImplementedError, RuntimeError, EOFError, OSError,
)  # fmt: skip
"""What the library raises over archives of any content, and we over documents of any shape."""
_MIGRATIONS: dict[int, Callable[[dict[str, bytes]], dict[str, bytes]]] = {}
"""From the schema before to the next: members in, members out."""
_COMMENT = re.compile(r"(^|\s)#[^\"'\n]*$", re.MULTILINE)
_README = """This is a bundle of sessiondoctor: what one scan has seen, without passwords, cookies and session ids.

Judge it, without any network:      sessiondoctor judge {name}
bundle.json                         which version wrote it, of what, when, what was asked
topology.yaml                       the description of the site, secrets and comments taken out
evidence/                           what was seen, one file for each kind of evidence
{names}
"""
_NAMES = {
    "kept": "Names of hosts and addresses are as they are; `collect --keep-names no` puts tokens in their place.",
    "tokens": "Names of hosts and addresses are tokens: equal ones for equal names.",
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """One scan's evidence and what it takes to judge it.

    Attributes:
        target: the URL, or the name of the topology file.
        topology: the redacted text of that file; empty for a URL.
        environ: the variables that it names, redacted.
        started_at: ISO 8601.
        plan: what was asked, in words.
        mark: names the key of its tokens: fingerprints in two bundles with one mark can be compared.
        names: whether names of hosts and addresses are as they are, or tokens.
    """

    gathered: Gathered
    target: str
    topology: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    symptoms: tuple[str, ...] = ()
    started_at: str = ""
    duration_s: float = 0.0
    plan: tuple[str, ...] = ()
    tool: str = ""
    mark: str = ""
    names: Literal["kept", "tokens"] = "kept"


def without_secrets(text: str, scrub: Callable[[str], str]) -> str:
    """The text of a topology file that still reads as one: what was taken out is a word, comments are empty."""
    return scrub(_COMMENT.sub(r"\1#", text)).replace("[redacted]", "redacted")


def pack(bundle: Bundle, name: str = "BUNDLE") -> bytes:
    """The file's content; what goes in must be scrubbed already."""
    index = {
        "schema": SCHEMA, "tool": bundle.tool, "target": bundle.target, "environ": dict(bundle.environ),
        "symptoms": list(bundle.symptoms), "started_at": bundle.started_at, "duration_s": bundle.duration_s,
        "plan": list(bundle.plan), "mark": bundle.mark, "names": bundle.names,
        "interrupted": bundle.gathered.interrupted, "cut": bundle.gathered.cut,
        "refusals": dict(bundle.gathered.refusals),
    }  # fmt: skip
    members = {
        "README.txt": _README.format(name=name, names=_NAMES[bundle.names]).encode(),
        _INDEX: json.dumps(index, indent=1).encode(),
    }
    if bundle.topology:
        members[_TOPOLOGY] = bundle.topology.encode()
    members |= {f"evidence/{kind}.json": text for kind, text in documents(bundle.gathered.pieces).items()}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members.items():
            archive.writestr(zipfile.ZipInfo(member), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def is_bundle(head: bytes) -> bool:
    """Whether a file may be one: a zip archive whose first member is the README of one."""
    return head.startswith(b"PK\x03\x04") and b"README.txt" in head[:100]


def unpack(content: bytes, name: str) -> Bundle:
    """Reads a bundle of this version or of an older one.

    Raises:
        UsageError: it is none, is damaged, or a newer version made it.
    """
    try:
        members = _members(content)
        index = json.loads(members[_INDEX])
        members, index = _migrated(members, index, name)
        return _bundle(members, index)
    except _DAMAGES as error:
        raise UsageError(f"{name}: not a bundle of sessiondoctor, or damaged: {_short(error)}") from None


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if _MEMBER.fullmatch(entry.filename)]
        if len(entries) > _MOST_MEMBERS or sum(entry.file_size for entry in entries) > LARGEST:
            raise ValueError("it is too large")
        if any(entry.file_size > max(_SMALL, _TIGHTEST * entry.compress_size) for entry in entries):
            raise ValueError("it is packed too tightly")
        if len({entry.filename for entry in entries}) < len(entries):
            raise ValueError("it has two members of one name")
        return {entry.filename: _read(archive, entry) for entry in entries}


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """No more than the entry promises."""
    with archive.open(entry) as member:
        return member.read(entry.file_size)


def _migrated(members: dict[str, bytes], index: Any, name: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    schema = index["schema"]
    if not isinstance(schema, int) or schema > SCHEMA:
        raise UsageError(f"{name}: a newer sessiondoctor made this bundle; update this one")
    while schema < SCHEMA:
        members = _MIGRATIONS[schema](members)
        schema += 1
    return members, json.loads(members[_INDEX])


def _bundle(members: Mapping[str, bytes], index: dict[str, Any]) -> Bundle:
    pieces: list[Piece] = []
    for name, text in members.items():
        kind = re.fullmatch(r"evidence/(\w+)\.json", name)
        if kind:
            pieces += read_document(kind[1], text)
    return Bundle(
        gathered=Gathered(
            tuple(pieces),
            bool(index.get("interrupted")),
            bool(index.get("cut")),
            {str(name): int(count) for name, count in dict(index.get("refusals", {})).items()},
        ),
        target=str(index["target"]),
        topology=members.get(_TOPOLOGY, b"").decode("utf-8"),
        environ={str(name): str(value) for name, value in dict(index.get("environ", {})).items()},
        symptoms=tuple(map(str, index.get("symptoms", ()))),
        started_at=str(index.get("started_at", "")),
        duration_s=float(index.get("duration_s", 0.0)),
        plan=tuple(map(str, index.get("plan", ()))),
        tool=str(index.get("tool", "")),
        mark=str(index.get("mark", "")),
        names="tokens" if index.get("names") == "tokens" else "kept",
    )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
