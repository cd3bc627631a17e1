"""The text that a reader is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sessiondoctor.evidence.location import Location


class Unreadable(Exception):  # noqa: N818 - an answer about a file
    """Nothing of a text can be read; `reason` is one line, without content of the file."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def _no_fingerprint(_value: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, or a part of one.

    Attributes:
        name: of the file, as in findings; `owner`: whose it is; `format`: the reader chosen, empty if to be recognised.
        first_line: the file's line (1-based) on which this text begins; `hint`: a file name for a part.
        places: file and line of each line, where other files are included; empty for the lines of one file.
        fingerprint: a salted fingerprint of a secret, which hides the secret from all output.
    """

    text: str = field(repr=False)
    name: str = ""
    owner: str = ""
    format: str = ""
    first_line: int = 1
    hint: str = ""
    note: str = ""
    depth: int = 0
    places: tuple[tuple[str, int], ...] = field(default=(), repr=False)
    fingerprint: Callable[[str], str] = field(default=_no_fingerprint, repr=False)

    def at(self, line: int, column: int = 0) -> Location:
        """The place of a line (1-based) of this text in the user's file."""
        if 0 < line <= len(self.places):
            return Location(*self.places[line - 1], column)
        return Location(self.name, line + self.first_line - 1, column)

    def part(self, text: str, line: int, hint: str = "", format_: str = "") -> Text:
        """A text within this one that begins on `line` of it."""
        first = line + self.first_line - 1
        return replace(self, text=text, first_line=first, hint=hint, format=format_, note="", depth=self.depth + 1)
