"""JSON of new clients: reached into without trust in its shape."""

from __future__ import annotations

import json
from typing import Any

from sessiondoctor.errors import Unavailable

_LONGEST = 200  # characters of a text
_MOST = 500  # entries of a list


def parse_json(text: str) -> Any:
    """The document; None if it is damaged or nested too deeply."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def at(value: Any, *keys: str) -> Any:
    """The value below these keys; None if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def entries(value: Any) -> list[Any]:
    """The first entries of a list; none of anything else."""
    return value[:_MOST] if isinstance(value, list) else []


def words(value: Any) -> str:
    """A text, cut; empty for anything else."""
    return value[:_LONGEST] if isinstance(value, str) else ""


def no_page(product: str, what: str) -> Unavailable:
    """The error for a page that is something else."""
    return Unavailable(f"the response is not the state of {product}'s servers", hint=f"declare {what}, as stats")
