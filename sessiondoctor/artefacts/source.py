"""One file that was given, before anybody knows what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sessiondoctor.formats.plain_text import decoded

HEAD = 64 * 1024
"""Bytes by which a format is recognised."""


@dataclass(frozen=True)
class Source:
    """A file, or what came on standard input.

    Attributes:
        name: as the user named it; stands in findings.
        owner: NAME of NAME=FILE, else the file's name: whose it is.
        path: where to read it; None for what is held in `content`.
        wanted: the format that `--as` says, or empty.
    """

    name: str
    owner: str = ""
    path: Path | None = None
    content: bytes = field(default=b"", repr=False)
    wanted: str = ""

    def read(self, most: int) -> bytes:
        """At most so many bytes from its beginning.

        Raises:
            OSError: it cannot be read.
        """
        if self.path is None:
            return self.content[:most]
        with self.path.open("rb") as file:
            return file.read(most)

    @cached_property
    def head(self) -> str:
        """Its beginning as text; empty for binary content."""
        return decoded(self.read(HEAD))
