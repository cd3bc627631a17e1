"""The words of a signature: literal text with bounded fields, as Logstash's grok writes them.

    Cannot serialize session attribute [%{text}] for session
    local class incompatible: stream classdesc serialVersionUID = %{number:stream_suid}

`%{kind}` stands for a piece of the line, `%{kind:name}` also keeps it. Everything else is literal, case included. No
pattern can be expensive: fields are bounded, and RE2 matches in time linear in the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

KINDS = {
    "class": r"[\w.$\[;/]{1,200}",
    "number": r"-?[0-9]{1,20}",
    "decimal": r"-?[0-9]{1,20}(?:\.[0-9]{1,9})?",
    "guid": r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?",
    "word": r"[^\s,;\"'\[\](){}<>]{1,200}",
    "text": r"[^\n]{0,200}?",
    "path": r"[^\s\"']{1,200}",
    "address": r"[0-9A-Za-z_.:\[\]-]{1,120}",
}
"""What a field may stand for, as RE2 writes it."""

SHORTEST_ANCHOR = 4
_FIELD = re.compile(r"%\{(\w+)(?::(\w+))?\}")
# What encoders of JSON escape (System.Text.Json also the apostrophe and angle brackets), and line ends.
_UNSAFE = re.compile(r"[^\x20-\x7e]|[\"\\'<>&+`]")


@dataclass(frozen=True)
class Pattern:
    """One pattern of a signature.

    Attributes:
        text: as written.
        regex: the same for RE2.
        anchor: the longest piece of literal text that every spelling of the line has, escaped or not.
    """

    text: str
    regex: str
    anchor: str

    @classmethod
    def of(cls, text: str) -> Pattern:
        """Reads a pattern.

        Raises:
            ValueError: an unknown kind of field, or no literal text to look for.
        """
        parts = [literal for literal, _, _ in _pieces(text)]
        anchor = max((piece.strip() for part in parts for piece in _UNSAFE.split(part)), key=len, default="")
        if len(anchor) < SHORTEST_ANCHOR:
            raise ValueError(f"{text!r}: expected at least {SHORTEST_ANCHOR} letters in a row that are literal")
        return cls(
            text, "".join(re.escape(literal) + _regex(kind, name) for literal, kind, name in _pieces(text)), anchor
        )

    @cached_property
    def _compiled(self) -> Any:
        return compiled(self.regex)

    def fields(self, text: str) -> dict[str, str] | None:
        """The named fields of the first place where the pattern matches; None where it does not."""
        found = self._compiled.search(text)
        return {name: value for name, value in found.groupdict().items() if value} if found else None


def compiled(regex: str) -> Any:
    """A regular expression for RE2."""
    import re2

    options = re2.Options()
    options.log_errors = False
    return re2.compile(regex, options)


def _pieces(text: str) -> list[tuple[str, str, str]]:
    """Literal text, then the kind and the name of the field behind it; both empty at the end."""
    pieces: list[tuple[str, str, str]] = []
    at = 0
    for field in _FIELD.finditer(text):
        pieces.append((text[at : field.start()], field[1], field[2] or ""))
        at = field.end()
    return [*pieces, (text[at:], "", "")]


def _regex(kind: str, name: str) -> str:
    if not kind:
        return ""
    if kind not in KINDS:
        raise ValueError(f"%{{{kind}}}: expected one of {', '.join(KINDS)}")
    return f"(?P<{name}>{KINDS[kind]})" if name else f"(?:{KINDS[kind]})"
