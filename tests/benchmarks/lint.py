"""`lint` of a folder of 50 configuration files, and `judge` of one: processor time as multiples of `python -c pass`.

The files are those of the public reports in `tests/configs/field.yaml`: fragments of every format.
Run it with the interpreter of an installation where the modules are compiled:
`path/to/venv/bin/python -m tests.benchmarks.lint`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import yaml

from tests.benchmarks.rounds import compare

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = str(Path(sys.executable).with_name("sessiondoctor"))
_FIELD = Path(__file__).parents[1] / "configs" / "field.yaml"
MANY = 50


def processor(*command: str) -> float:
    """Seconds of processor time of a whole process, its own and the system's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=False, capture_output=True, cwd="/")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def reported() -> Iterator[str]:
    """The files that people have shown."""
    for report in yaml.safe_load(_FIELD.read_text(encoding="utf-8")).values():
        yield from report["files"]


def write(folder: Path) -> Path:
    """Fifty of them, as files of a folder; returns one."""
    for index, text in enumerate(islice(reported(), MANY)):
        (folder / f"{index:02}.txt").write_text(text, encoding="utf-8")
    return folder / "00.txt"


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        one = str(write(Path(name)))
        compare(
            {
                "python -c pass": lambda: processor(sys.executable, "-c", "pass"),
                "sessiondoctor --help": lambda: processor(_PROGRAM, "--help"),
                "sessiondoctor list": lambda: processor(_PROGRAM, "list"),
                "sessiondoctor explain redis-oom": lambda: processor(_PROGRAM, "explain", "redis-oom"),
                f"sessiondoctor lint, {MANY} files": lambda: processor(_PROGRAM, "lint", name),
                "sessiondoctor lint, one file": lambda: processor(_PROGRAM, "lint", one),
                "sessiondoctor judge, one file": lambda: processor(_PROGRAM, "judge", one),
            },
            rounds=int(sys.argv[1]) if sys.argv[1:] else 7,
        )
