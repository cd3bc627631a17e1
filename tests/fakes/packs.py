"""Small packs of checks and cause pages, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """---
title: The store drops sessions
severity: high
prior: common
findings: {{{findings}}}
{more}---
Words.

## Fix
Do it.
"""


def write_check(
    pack: Path, name: str, *, needs: str = "", body: str = "yield Fine()", family: str = "store", role: str = "sign"
) -> Path:
    """Writes `<pack>/<family>/<name>.py`: a check with these parameters and this body."""
    return write_module(
        pack,
        name,
        "from sessiondoctor.api import *\n\n"
        f"@check(severity=Severity.HIGH, role={role!r})\ndef {name}({needs}) -> Verdicts:\n"
        f'    """The title of {name}.\n\n    What it looks at.\n    """\n    {body}\n',
        family=family,
    )


def write_module(pack: Path, name: str, text: str, *, family: str = "store") -> Path:
    """Writes any text where a check belongs."""
    path = pack / family / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_cause(pack: Path, name: str, *, findings: str = "", more: str = "", family: str = "store") -> Path:
    """Writes `<pack>/<family>/causes/<name>.md`; `more` are further lines of its front matter."""
    return write_page(pack, name, PAGE.format(findings=findings, more=more), family=family)


def write_page(pack: Path, name: str, text: str, *, family: str = "store") -> Path:
    """Writes any text where a cause page belongs."""
    path = pack / family / "causes" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
