"""The documentation: the site builds without a warning and without the network; what it says can be typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sessiondoctor.cli.app import COMMANDS
from sessiondoctor.library import catalogue_with

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"```(?:sh|console|groovy)\n(.*?)```", re.DOTALL)
CALL = re.compile(r"(?:^(?:\$ )?|\| |'|&& )sessiondoctor ([a-z]+)((?: [^\n#|]*)?)", re.MULTILINE)


def test_the_site_builds_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    """A page for each cause, check and product; nothing is fetched from elsewhere when it is read."""
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true", "NO_PROXY": "*"}
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-q",
        "-f",
        str(ROOT / "mkdocs.yml"),
        "-d",
        str(tmp_path),
    ]
    done = subprocess.run(command, env=quiet, cwd=ROOT, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stderr
    catalogue = catalogue_with(())
    for kind, entries in (("causes", catalogue.causes), ("checks", catalogue.checks), ("products", catalogue.products)):
        assert {path.parent.name for path in tmp_path.glob(f"{kind}/*/index.html")} == set(entries)
    page = (tmp_path / "causes" / "signing-secret-mismatch" / "index.html").read_text()
    assert '<a href="../clock-skew/"><code>clock-skew</code></a>' in page
    assert not re.search(r'(?:src|rel="stylesheet" href)="https?://', page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_to_be_typed_are_commands(page: Path) -> None:
    """With options that they have."""
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for name, words in CALL.findall(block):
            assert name in COMMANDS, f"sessiondoctor {name}"
            known = help_of(name)
            for option in re.findall(r"(?<=\s)--[a-z-]+", words.split(" -- ")[0]):
                assert option in known, f"sessiondoctor {name} {option}"


HELPS: dict[str, str] = {}


def help_of(name: str) -> str:
    """What a command says of itself."""
    if name not in HELPS:
        command = [sys.executable, "-m", "sessiondoctor", name, "--help"]
        HELPS[name] = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return HELPS[name]


def test_the_example_of_a_check_is_a_check() -> None:
    """Whoever copies it begins with what passes every test."""
    example = (ROOT / "checks" / "README.md").read_text().partition("```python\n")[2].partition("```")[0]
    assert example == (ROOT / "checks" / "edge" / "cookie_oversized.py").read_text()
