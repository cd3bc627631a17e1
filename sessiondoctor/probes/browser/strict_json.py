"""JSON of our own files, which somebody may have changed: no numbers that are none, values of their types."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.formats.jar import StoredCookie


def parsed(content: bytes) -> Any:
    """The document.

    Raises:
        ValueError: it is no JSON, or holds NaN or an infinity.
        RecursionError: it is nested too deeply.
    """
    return json.loads(content, parse_constant=_refused, parse_float=_finite)


def cookies_of(entries: Iterable[Any]) -> tuple[StoredCookie, ...]:
    """Cookies as `dataclasses.asdict` wrote them.

    Raises:
        ValueError: they are none.
    """
    from pydantic import TypeAdapter

    from sessiondoctor.formats.jar import StoredCookie

    return TypeAdapter(tuple[StoredCookie, ...]).validate_python(list(entries))


def _refused(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused("a number without an end")
