"""A place in one of the user's files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A line (1-based) of one of the user's files; line 0 means the file as a whole, column 0 the whole line."""

    file: str
    line: int = 0
    column: int = 0
