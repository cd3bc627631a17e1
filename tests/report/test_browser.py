"""The HTML report in a real Chromium: in both colour schemes, on a phone, in print; what axe says of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sessiondoctor.report import Style, render
from tests.report.test_formats import HOSTILE, report

HERE = Path(__file__).parent / "browser"
SAMPLES = Path(__file__).parents[2] / "sample_reports"
PAGES = {path.stem: path for path in sorted(SAMPLES.glob("*.html"))}
pytestmark = [pytest.mark.thorough, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the libraries that drive a browser are installed."""
    made = tmp_path_factory.mktemp("browser")
    shutil.copy(HERE / "package.json", made)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=made, check=True)
    return made


def look(page: Path, folder: Path) -> dict[str, Any]:
    """What is seen of a page, by the way in which it is looked at."""
    chromium = shutil.which("chromium")
    assert chromium, "apt-get install chromium"
    command = ["node", str(HERE / "look.mjs"), chromium, str(page), str(folder)]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=200)
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_kept_out(name: str, folder: Path) -> None:
    """No violation of axe's rules, nothing beyond the right edge, nothing fetched."""
    for way, seen in look(PAGES[name], folder).items():
        assert (way, seen["violations"], seen["overflow"], seen["requests"]) == (way, [], 0, 1)
        assert seen["passes"] > 20


def test_hostile_text_does_not_break_the_page(folder: Path, tmp_path: Path) -> None:
    """Whatever a report file says."""
    page = tmp_path / "hostile.html"
    page.write_text(render(report(HOSTILE), "html", Style()), encoding="utf-8")
    for way, seen in look(page, folder).items():
        assert (way, seen["violations"], seen["overflow"], seen["requests"]) == (way, [], 0, 1)
