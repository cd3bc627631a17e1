"""Titles are short and say it in plain English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.catalogue.check_files import Check, builtin
from sessiondoctor.catalogue.loader import Catalogue, Cause

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = Catalogue((builtin(),))
ENTRIES: dict[str, Check | Cause] = {**CATALOGUE.checks, **CATALOGUE.causes}
PAGES = sorted(builtin().rglob("causes/*.md"))
MOST_WORDS = 12
RIDDLES = re.compile(r"\b(strangers?|fares?|bears|for want of|without a word|goes by)\b(?!-)", re.IGNORECASE)
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
