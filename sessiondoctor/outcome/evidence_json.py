"""Evidence as JSON and back: one document for each kind.

[{"subject": "sessions", "value": {...}}, {"subject": "edge", "unavailable": "no answer within 10 s"}]
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any

import sessiondoctor.evidence
from sessiondoctor.evidence.gathered import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST = 2000  # subjects of one kind: a topology has fewer components
_REASONS = ("unavailable", "absent", "skipped", "crash", "hint")


@cache
def kinds() -> dict[str, type[Any]]:
    """Every type of evidence by its name, which no two share."""
    modules = walk_packages(sessiondoctor.evidence.__path__, f"{sessiondoctor.evidence.__name__}.")
    found = (value for each in modules if not each.ispkg for value in vars(import_module(each.name)).values())
    return {kind.__name__: kind for kind in found if isinstance(kind, type) and dataclasses.is_dataclass(kind)}


def documents(pieces: Iterable[Piece]) -> dict[str, bytes]:
    """The name of each kind that there is, and its JSON."""
    from pydantic_core import to_json

    by_kind: dict[str, list[Any]] = defaultdict(list)
    for piece in pieces:
        by_kind[piece.kind.__name__].append(_entry(piece))
    return {name: to_json(entries, indent=1, inf_nan_mode="constants") for name, entries in sorted(by_kind.items())}


def _entry(piece: Piece) -> dict[str, Any]:
    told = {name: text for name in _REASONS if (text := getattr(piece, name))}
    value = (
        {} if piece.value is None else {"value": _adapter(piece.kind.__name__).dump_python(piece.value, mode="json")}
    )
    return {"subject": piece.subject, **told, **value}


def read_document(name: str, text: bytes) -> Iterator[Piece]:
    """The pieces of one kind; what another version wrote and this one cannot read is unavailable.

    Raises:
        ValueError: it is no such document.
    """
    from pydantic_core import from_json

    kind = kinds().get(name)
    entries = from_json(text, allow_inf_nan=True)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("expected a list of objects")
    if len(entries) > _MOST:
        raise ValueError(f"more than {_MOST} of one kind")
    for entry in entries if kind else ():
        assert kind
        yield _piece(kind, entry)


def _piece(kind: type[Any], entry: dict[str, Any]) -> Piece:
    from pydantic import ValidationError

    subject = str(entry.get("subject", "site"))
    told = {name: str(entry[name]) for name in _REASONS if entry.get(name)}
    if "value" not in entry:
        return Piece(kind, subject, **(told or {"unavailable": "the bundle does not tell"}))
    try:
        return Piece(kind, subject, value=_adapter(kind.__name__).validate_python(entry["value"]))
    except ValidationError:
        return Piece(kind, subject, unavailable=f"another version of sessiondoctor wrote this {kind.__name__}")


@cache
def _adapter(name: str) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kinds()[name])
