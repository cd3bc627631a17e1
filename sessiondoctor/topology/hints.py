"""What the model's types say about a place in the file: its keys, its items, its choices."""

from __future__ import annotations

import difflib
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from sessiondoctor.topology.scalars import Listed

_LONGEST_TYPO = 40
_LONGEST_QUOTE = 60


@cache
def keys(section: type) -> dict[str, Any]:
    """The keys of a section of the file with their types, in the order of the model."""
    hints = get_type_hints(section, include_extras=True)
    return {word(each.name): hints[each.name] for each in fields(section) if each.metadata.get("key", True)}


def word(attribute: str) -> str:
    """The file's word for a field: `from` for `from_`."""
    return attribute.rstrip("_")


def plain(hint: Any) -> Any:
    """A type without `Annotated` and `| None`."""
    origin = get_origin(hint)
    if origin is Annotated:
        return plain(get_args(hint)[0])
    if origin in (Union, UnionType):
        return plain(next(each for each in get_args(hint) if each is not NoneType))
    return hint


def item(hint: Any) -> Any:
    """The type of a tuple's items or of a dict's values."""
    kind = plain(hint)
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    return get_args(kind)[1] if get_origin(kind) is dict else object


def is_one_or_more(hint: Any) -> bool:
    """Whether a list may be written as its only item."""
    return Listed() in getattr(hint, "__metadata__", ())


def is_typed(hint: Any) -> bool:
    """Whether a scalar without quotes is more than the text as written: a number, true, false."""
    kind = plain(hint)
    return kind is object or (get_origin(kind) is Literal and not isinstance(get_args(kind)[0], str))


def did_you_mean(text: str, candidates: list[str]) -> str:
    """The rest of a message about an unknown word; empty where nothing is near."""
    found = nearest(text, candidates)
    return f"; did you mean {quoted(found)}?" if found else ""


def nearest(text: str, candidates: list[str]) -> str | None:
    """The candidate that the text is most likely a misspelling of."""
    if len(text) > _LONGEST_TYPO:
        return None
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    found = difflib.get_close_matches(text.lower().replace("-", "_"), by_lower, n=1) or difflib.get_close_matches(
        text.lower(), by_lower, n=1
    )
    return by_lower[found[0]] if found else None


def quoted(text: str) -> str:
    """A text of the file, as written there, for a message: short, printable, and no URL that may hold a password."""
    if "://" in text or "@" in text:
        return "(not shown)"
    return repr(text) if len(text) <= _LONGEST_QUOTE else repr(text[:_LONGEST_QUOTE]) + "..."
