"""Titles are short and say it in plain English."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessiondoctor import api
from sessiondoctor.catalogue.check_files import Check, builtin
from sessiondoctor.catalogue.loader import Catalogue, Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

CATALOGUE = Catalogue((builtin(),))
ENTRIES: dict[str, Check | Cause] = {**CATALOGUE.checks, **CATALOGUE.causes}
PAGES = sorted(builtin().rglob("causes/*.md"))
MOST_WORDS = 12
RIDDLES = re.compile(
    r"\b(strangers?|fares?|bears|for want of|without a word|goes? by|of ours|does not suffice|stood still"
    r"|this is no|these are no|past every|usual is|one way in)\b(?!-)",
    re.IGNORECASE,
)
TWICE = re.compile(r"\b(\w+),? \1\b", re.IGNORECASE)
FOR_PEOPLE = {
    *("Absent", "Argument", "Fine", "Inconclusive", "NotApplicable", "Option", "Probe", "Problem", "Unavailable"),
    *("Unknown", "UsageError"),
}
NAMES = {"hint", "reason", "text", "why"}
SOURCES = sorted((*builtin().rglob("*.py"), *Path(api.__file__).parent.rglob("*.py")))
NOT_PROSE = re.compile(r"`[^`]*`|^\s+[a-z0-9-]+:.*$|^sessiondoctor .*$", re.MULTILINE)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_title_is_one_short_statement(entry: str) -> None:
    """A tired engineer reads it once."""
    title = ENTRIES[entry].title
    assert len(title.split()) <= MOST_WORDS
    assert not RIDDLES.search(title)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_has_no_private_words(page: Path) -> None:
    """Ids of checks may hold what a sentence may not."""
    assert RIDDLES.findall(NOT_PROSE.sub("", page.read_text(encoding="utf-8"))) == []


def sentences(source: Path) -> Iterator[str]:
    """What a module says to people: the texts that it gives to findings, reasons, hints and help."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        named = node.targets[0] if isinstance(node, ast.Assign) else None
        if getattr(called, "id", getattr(called, "attr", "")) in FOR_PEOPLE or getattr(named, "id", "") in NAMES:
            parts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
            yield from (text for text in parts if isinstance(text, str))


def test_messages_have_no_private_words() -> None:
    """Nor a word twice."""
    said = [(source.name, text) for source in SOURCES for text in sentences(source)]
    assert len(said) > 2000
    assert [one for one in said if RIDDLES.search(one[1]) or TWICE.search(one[1])] == []
