"""Lines of YAML with comments."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLAIN = re.compile(r"[A-Za-z0-9/][A-Za-z0-9_./@-]*(:[A-Za-z0-9_./@-]+)*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_COMMENT_AT = 52
_LONGEST = 118


@dataclass(frozen=True, slots=True)
class Line:
    """One line at a depth of two spaces each, and the comment at its end."""

    text: str
    why: str = ""
    depth: int = 0


def text_of(lines: Iterable[Line]) -> str:
    """The lines as they stand in a file; a comment that does not fit at the end stands above."""
    return "".join(f"{written}\n" for line in lines for written in _written(line))


def _written(line: Line) -> list[str]:
    text = f"{'  ' * line.depth}{one_line(line.text)}"
    if not line.why:
        return [text.rstrip()]
    why = one_line(line.why)
    joined = f"{text:<{_COMMENT_AT}}  # {why}" if text.strip() else f"# {why}"
    return [joined] if len(joined) <= _LONGEST else [f"{'  ' * line.depth}# {why}", text]


def quoted(value: str) -> str:
    """A text as a YAML scalar; `${` of a site is no reference."""
    value = value.replace("${", "$${")
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not value.endswith(":")
    return value if plain else json.dumps(value)


def flow_map(values: Mapping[str, str]) -> str:
    """A map on one line."""
    return "{" + ", ".join(f"{quoted(key)}: {quoted(value)}" for key, value in values.items()) + "}"


def listed(values: Iterable[str]) -> str:
    """A list on one line."""
    return "[" + ", ".join(map(quoted, values)) + "]"
