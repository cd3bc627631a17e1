"""What a list of checks shows, read from the text of their files: loading all of them takes what a list must not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.catalogue.loader import Catalogue

_DECLARED = re.compile(
    r"^@check\(\s*severity=Severity\.([A-Z]+)(?s:.{0,300}?)\)\n"
    r'def (\w+)\([^"]*-> Verdicts:\n    """([^\n]+?)\.?(?:"""|\n)',
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """One check in a list."""

    id: str
    family: str
    severity: Severity
    title: str


def headings(catalogue: Catalogue) -> Iterator[Heading | Check]:
    """Every check; one of a pack, or written in another way than ours are, is loaded."""
    for id_, path in catalogue.check_files.items():
        found = _heading(id_, path) if builtin() in path.parents else None
        if entry := found or catalogue.check(id_):
            yield entry


def _heading(id_: str, path: Path) -> Heading | None:
    found = _DECLARED.search(path.read_text(encoding="utf-8"))
    if not found or found[2] != path.stem or found[1] not in Severity.__members__:
        return None
    return Heading(id_, path.parent.name, Severity[found[1]], found[3])
