"""How many faults do the servers' own logs name, with nothing else: `python -m tests.lab.logs_alone [NAME ...]`.

Each scenario is started and used as its proofs do; then the logs of its servers are judged, each under its name.
A row a scenario: the cause, what was named, and whether it was right. Healthy clusters must give nothing.
"""

# ruff: noqa: T201 - a command prints
from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sessiondoctor.library import judge
from tests.lab.errors import LabError
from tests.lab.scenarios import SCENARIOS, everyday, named

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.scenario import Scenario

Outcome = Literal["right", "as advice", "other", "nothing", "silent", "false alarm", "not shown"]


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one scenario's logs.

    Attributes:
        named: causes that were stated, most probable first; `advised` those of advice.
    """

    scenario: str
    cause: str | None
    outcome: Outcome
    named: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()


def logs_of(folder: Path) -> tuple[str, ...]:
    """All logs in a laboratory's folder that say anything, as words of the command line: `app1=.../app1.log`."""
    found = (*folder.glob("*/*.log"), *folder.glob("*/logs/*"))
    return tuple(
        f"{file.relative_to(folder).parts[0]}={file}"
        for file in sorted(found)
        if file.is_file() and file.stat().st_size
    )


def row_of(scenario: Scenario) -> Row:
    """Starts it, uses it, judges its logs."""
    try:
        with scenario.running() as (workspace, cluster):
            scenario.prove(cluster)
            words = logs_of(workspace.directory)
            report = judge(*words) if words else None
    except (LabError, AssertionError):
        return Row(scenario.name, scenario.cause, "not shown")
    stated = tuple(one.cause for one in report.diagnosis) if report else ()
    advised = tuple(one.cause for one in report.advice) if report else ()
    return Row(scenario.name, scenario.cause, _outcome(scenario.cause, stated, advised), stated, advised)


def _outcome(cause: str | None, stated: tuple[str, ...], advised: tuple[str, ...]) -> Outcome:
    if cause is None:
        return "false alarm" if stated else "silent"
    if cause in stated[:1]:
        return "right"
    if stated:
        return "other"
    return "as advice" if cause in advised else "nothing"


def main() -> int:
    """Parse the command line and obey; the exit code is 1 if a healthy cluster's logs were accused."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.logs_alone", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios; default: each cause once, and all healthy")
    parser.add_argument("--all", action="store_true", help="every scenario")
    options = parser.parse_args()
    known = [one for one in SCENARIOS if options.all or one.name in everyday()]
    rows = []
    for scenario in [named(name) for name in options.names] or known:
        row = row_of(scenario)
        rows.append(row)
        print(f"{row.outcome:12} {row.scenario:45} {row.cause or '-':32} {', '.join(row.named)}", flush=True)
    counts = Counter(row.outcome for row in rows)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()))
    return 1 if counts["false alarm"] else 0


if __name__ == "__main__":
    sys.exit(main())
