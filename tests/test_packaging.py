"""What is in the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_the_package_and_its_checks_only(tmp_path: Path) -> None:
    """`sessiondoctor` alone at the top level, every file of checks/ inside it, typed, no tests; and the manual page."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.split("/")[0].endswith(".dist-info")}
    ours = (path for path in (ROOT / "checks").rglob("*") if path.suffix in {".py", ".md"})
    data = {name for name in names if name.split("/")[0].endswith(".data")}
    assert {name.partition("/")[2] for name in data} == {"data/share/man/man1/sessiondoctor.1"}
    assert {name.split("/")[0] for name in names - data} == {"sessiondoctor"}
    assert {f"sessiondoctor/{path.relative_to(ROOT).as_posix()}" for path in ours} <= names
    assert {"sessiondoctor/py.typed", "sessiondoctor/report/templates/style.css"} <= names
    assert not any("tests" in name.split("/") for name in names)
