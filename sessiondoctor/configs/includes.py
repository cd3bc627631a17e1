"""Files that include others (nginx, Apache httpd) become one text whose lines know where they stand.

Nothing outside of the folder of the file that includes is read, whatever an include says: `/etc/nginx/conf.d/*.conf` is
looked for as `conf.d/*.conf` there. Bounded in depth, number and size; a file that includes itself ends there. What is
not found stays an include, so that a reader knows that the block was not seen whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.formats.plain_text import decoded
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.configs.source import Text

DEEPEST = 8
MOST_FILES = 200
MOST_BYTES = 2 * 1024 * 1024
"""Of all files that one file includes."""
_STATEMENTS = {
    "nginx": regex(r"(?<![\w$-])include[ \t]+([^;{}\n]{1,300});"),
    "apache": regex(r"(?i)^[ \t]*Include(?:Optional)?[ \t]+(\S{1,300})[ \t]*$"),
}
_COMMENT = regex(r"(?:^|\s)#")
_WILD = regex(r"[*?\[]")

Place = tuple[str, int]


def with_includes(texts: Iterable[Text]) -> list[Text]:
    """The texts with what they include in its place; a text that another one includes is not read by itself."""
    texts = list(texts)
    expanded = [_expanded(text) for text in texts]
    taken = {
        file for text, (_, files) in zip(texts, expanded, strict=True) for file in files if file != _path(text.name)
    }
    alone = [text for text, _ in expanded if _path(text.name) not in taken]
    return alone or texts


def _expanded(text: Text) -> tuple[Text, frozenset[Path]]:
    """One text, and the files that are in it now."""
    statement = _STATEMENTS.get(text.format)
    path = _path(text.name)
    if statement is None or path is None or "nclude" not in text.text:
        return text, frozenset()
    reading = _Reading(statement, text.name, path.parent)
    lines = list(reading.lines(text.text, text.name, (path,)))
    if not reading.files:
        return text, frozenset()
    whole = "\n".join(line for line, _ in lines)
    return replace(text, text=whole, places=tuple(place for _, place in lines)), frozenset(reading.files)


def _path(name: str) -> Path | None:
    """The file itself, links followed; None for what is no file, such as standard input."""
    try:
        found = Path(name).resolve()
        return found if found.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


@dataclass(slots=True)
class _Reading:
    """Reads what one file includes, inside of `folder`; `given` is the file as the user names it."""

    statement: re.Pattern[str]
    given: str
    folder: Path
    files: set[Path] = field(default_factory=set)
    left: int = MOST_BYTES

    def lines(self, text: str, name: str, open_: tuple[Path, ...]) -> Iterator[tuple[str, Place]]:
        """Each line with its place; an include is followed by the lines of its files."""
        for number, line in enumerate(text.split("\n"), 1):
            yield from self._line(line, (name, number), open_)

    def _line(self, line: str, place: Place, open_: tuple[Path, ...]) -> Iterator[tuple[str, Place]]:
        found = self.statement.search(line) if "nclude" in line else None
        before = line[: found.start()] if found else ""
        files = list(self._found(found[1].strip("\"'"), open_)) if found and not _COMMENT.search(before) else []
        if not found or not files:
            yield line, place
            return
        yield before, place
        for file in files:
            content = self._content(file)
            name = str(Path(self.given).parent / file.relative_to(self.folder))
            yield from self.lines(content, name, (*open_, file))
        yield from self._line(" " * found.end() + line[found.end() :], place, open_)

    def _found(self, pattern: str, open_: tuple[Path, ...]) -> Iterator[Path]:
        """The files that an include means, of those that may be read."""
        if ".." in Path(pattern).parts or len(open_) > DEEPEST:
            return
        parts = [part for part in Path(pattern).parts if part != "/"]
        for first in range(len(parts)):
            rest = parts[first:]
            if first and len(rest) == 1 and _WILD.search(rest[0]):
                return
            files = [file for file in self._glob("/".join(rest)) if file not in open_]
            if files:
                yield from files
                return

    def _glob(self, pattern: str) -> Iterator[Path]:
        try:
            matches = sorted(islice(self.folder.glob(pattern.replace("**", "*")), MOST_FILES))
            files = [match.resolve() for match in matches]
        except (OSError, ValueError, RuntimeError, NotImplementedError, IndexError):
            return
        yield from (file for file in files if file.is_relative_to(self.folder) and file.is_file())

    def _content(self, file: Path) -> str:
        if len(self.files) >= MOST_FILES or self.left <= 0:
            return ""
        self.files.add(file)
        try:
            with file.open("rb") as opened:
                content = opened.read(self.left)
        except OSError:
            return ""
        self.left -= len(content)
        return decoded(content).rstrip("\n")
