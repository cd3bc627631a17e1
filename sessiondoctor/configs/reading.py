"""Texts to facts: every reader's results with owner and format, bounded in number and depth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.configs.recognition import best, readers
from sessiondoctor.configs.source import Text, Unreadable
from sessiondoctor.evidence.configs.files import ConfigFile, Configs, Ignored
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.evidence.configs.fact import Fact

LARGEST = 2 * 1024 * 1024
"""Bytes of one file; what is longer is cut."""
_MOST_FACTS = 20_000
_DEEPEST = 3
_IGNORE = regex(
    r"(?:#|//|;|--|<!--|/\*)[^\n]{0,200}?sessiondoctor:[ \t]*ignore\[([\w, -]{1,200})\][ \t]*([^\n]{0,200})"
)


def read_all(texts: Iterable[Text]) -> Configs:
    """The facts of all texts."""
    files: list[ConfigFile] = []
    facts: list[Fact] = []
    for text in texts:
        found, note = read_text(text)
        files.append(ConfigFile(text.name, text.owner, text.format, note or text.note, tuple(ignored(text))))
        facts += found
    return Configs.of_facts(files, facts)


def read_text(text: Text) -> tuple[list[Fact], str]:
    """One text's facts and what could not be read of it."""
    facts: list[Fact] = []
    try:
        for fact in _facts(text):
            facts.append(fact)
            if len(facts) >= _MOST_FACTS:
                return facts, f"more than {_MOST_FACTS} settings: the rest was not read"
    except Unreadable as error:
        line = f" (line {text.at(error.line).line})" if error.line else ""
        return facts, f"{error.reason}{line}"
    except RecursionError:
        return facts, "nested too deeply to be read"
    except Exception as error:  # noqa: BLE001 - a reader that crashes on one file must not stop the others
        return facts, f"the reader for {text.format} failed ({type(error).__name__}); this is a bug"
    return facts, ""


def _facts(text: Text) -> Iterator[Fact]:
    for found in readers()[text.format].read(text):
        if not isinstance(found, Text):
            yield replace(found, owner=found.owner or text.owner, format=text.format)
        elif found.depth <= _DEEPEST and (known := _known(found)):
            yield from _facts(known)


def _known(part: Text) -> Text | None:
    if part.format:
        return part
    found = best(part.hint, part.text)
    return replace(part, format=found[0]) if found else None


def ignored(text: Text) -> Iterator[Ignored]:
    """Comments that switch checks off for their own line and the next."""
    if "sessiondoctor:" not in text.text:
        return
    for number, line in enumerate(text.text.splitlines(), 1):
        if found := _IGNORE.search(line):
            checks = tuple(word.strip() for word in found[1].split(",") if word.strip())
            yield Ignored(text.at(number), checks, found[2].strip())
