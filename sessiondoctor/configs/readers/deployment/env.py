"""`.env` files and EnvironmentFile: one `NAME=value` a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import environment
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "environment file (.env)"
_MOST = 0.7  # of the lines are assignments
_LINE = regex(r"(?:export |set )?[A-Z][A-Z0-9_]{0,80}=\S?.*")


def score(name: str, head: str) -> int:
    """Most lines are assignments to upper-case names."""
    lines = [line.strip() for line in head.split("\n")[:200]]
    lines = [line for line in lines if line and not line.startswith("#")]
    share = sum(bool(_LINE.fullmatch(line)) for line in lines) / len(lines) if lines else 0.0
    named = 5 if re.fullmatch(r"(.*\.)?env(\..*)?|environment", name) else 0
    return round(65 * share) + named if share > _MOST else 4 * named


def read(text: Text) -> Iterator[Fact]:
    """The variables that concern sessions."""
    yield from environment.facts(environment.of_lines(text), text)
