"""Key rings of ASP.NET Core Data Protection: what an XML element of one says, the key itself left unread.

Format: Microsoft Learn, "Key storage format in ASP.NET Core": `<key>` and `<revocation>` elements, one a file or a list
entry. The id in the element counts, not the file's name. Dates are UTC with seven digits of fractions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from sessiondoctor.formats.xml import attribute, parse_xml, text_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ProtectedBy = Literal["nothing", "dpapi", "dpapi-ng", "certificate", "other"]

LONGEST = 64 * 1024
"""Octets of an element that is worth reading; a key takes two thousand."""

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?")
_EVERY_KEY = "*"
_SECRET: Final = "encryptedSecret"  # noqa: S105 - the name of an element
# Part of the type name in `decryptorType`; the longer name first.
_DECRYPTORS: Final[tuple[tuple[str, ProtectedBy], ...]] = (
    ("DpapiNG", "dpapi-ng"),
    ("Dpapi", "dpapi"),
    ("EncryptedXml", "certificate"),
)


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key of a ring. Times in unix seconds; `protected_by` says what only some machines can undo."""

    key_id: str
    created_at: float
    active_from: float
    expires_at: float
    protected_by: ProtectedBy


@dataclass(frozen=True, slots=True)
class Revocation:
    """A key that is revoked; with an empty `key_id` every key that was made until `at`."""

    key_id: str
    at: float


def read_ring_element(text: str) -> RingKey | Revocation | None:
    """What one XML element says; None if it is none of a key ring, or damaged."""
    root = parse_xml(text) if len(text) <= LONGEST else None
    if root is None:
        return None
    if _local(root) == "key":
        return _key(root)
    return _revocation(root) if _local(root) == "revocation" else None


def _key(root: Element) -> RingKey | None:
    dates = [_unix(text_of(root.find(name))) for name in ("creationDate", "activationDate", "expirationDate")]
    key_id = _guid(attribute(root, "id"))
    match dates:
        case [float(created), float(active), float(expires)] if key_id:
            return RingKey(key_id, created, active, expires, _protected_by(root))
    return None


def _revocation(root: Element) -> Revocation | None:
    revoked, at = root.find("key"), _unix(text_of(root.find("revocationDate")))
    if revoked is None or at is None:
        return None
    written = attribute(revoked, "id")
    key_id = "" if written == _EVERY_KEY else _guid(written)
    return Revocation(key_id, at) if key_id or written == _EVERY_KEY else None


def _protected_by(root: Element) -> ProtectedBy:
    secret = next((element for element in root.iter() if _local(element) == _SECRET), None)
    if secret is None:
        return "nothing"
    decryptor = attribute(secret, "decryptorType")
    return next((name for part, name in _DECRYPTORS if part in decryptor), "other")


def _local(element: Element) -> str:
    """The name without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _guid(text: str) -> str:
    found = _GUID.fullmatch(text)
    return found[1].lower() if found else ""


def _unix(text: str) -> float | None:
    """A date of .NET's round-trip format; Python reads six digits of a fraction, so none are read."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    zone = "+00:00" if found[2] in {None, "Z"} else found[2]
    try:
        return datetime.fromisoformat(found[1] + zone).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None
