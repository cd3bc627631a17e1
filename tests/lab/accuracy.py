"""How often is the diagnosis right? `python -m tests.lab.accuracy` runs every scenario at every level of access.

It prints a table and writes it to `docs/accuracy.md`; with names, `--access` or `--json` it prints only.
"""

# ruff: noqa: T201 - a command prints
from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.lab.access import LEVELS, Access
from tests.lab.errors import LabError
from tests.lab.scan import scan
from tests.lab.scenarios import SCENARIOS, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.lab.scan import Scan
    from tests.lab.scenario import Scenario

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "accuracy.md"
BINS = (0.0, 0.5, 0.7, 0.9, 1.0)
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Result:
    """One scan of one scenario.

    Attributes:
        wanted: the cause that was switched on; empty where nothing is wrong.
        stated: causes and their probabilities, most probable first, diagnosis before differential.
        diagnosed: how many of these are diagnoses.
        right_node: whether the first diagnosis names the right place; None where none is expected.
        trouble: why there is no result.
    """

    scenario: str
    access: Access
    wanted: str
    stated: tuple[tuple[str, float], ...] = ()
    diagnosed: int = 0
    right_node: bool | None = None
    seconds: float = 0.0
    trouble: str = ""

    @property
    def first(self) -> str:
        """The first diagnosis; empty without one."""
        return self.stated[0][0] if self.diagnosed else ""

    @property
    def is_right(self) -> bool:
        """Whether the first diagnosis is the fault, or there is none where nothing is wrong."""
        return not self.trouble and self.first == self.wanted

    @property
    def is_near(self) -> bool:
        """Whether the fault is among the first three causes."""
        return self.is_right or (self.wanted != "" and self.wanted in [cause for cause, _ in self.stated[:3]])


def measure(name: str, levels: Sequence[Access]) -> list[Result]:
    """Start a scenario, prove its fault, scan it at each level."""
    scenario = named(name)
    wanted = scenario.cause or ""
    try:
        with scenario.running() as (_, cluster):
            scenario.prove(cluster)
            return [_result(scenario, level, scan(cluster, level, scenario.words)) for level in levels]
    except (LabError, AssertionError) as error:
        return [Result(name, level, wanted, trouble=str(error).splitlines()[0]) for level in levels]


def _result(scenario: Scenario, level: Access, done: Scan) -> Result:
    report = done.report
    diagnosis: list[dict[str, Any]] = report["diagnosis"]
    stated = [(entry["cause"], entry["probability"]) for entry in (*diagnosis, *report["differential"])]
    expected = bool(scenario.where and level == "everything" and diagnosis)
    return Result(
        scenario=scenario.name,
        access=level,
        wanted=scenario.cause or "",
        stated=tuple(stated),
        diagnosed=len(diagnosis),
        right_node=set(diagnosis[0]["where"]) == set(scenario.where) if expected else None,
        seconds=report["duration_s"],
    )


def table(results: Sequence[Result]) -> str:
    """The figures as Markdown."""
    lines = ["| access | faults | cause first | among first three | right place | healthy | false alarms | seconds |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for level in LEVELS:
        of_level = [one for one in results if one.access == level]
        if of_level:
            lines.append(_row(level, of_level))
    return "\n".join([*lines, "", *_reliability(results), "", *_misses(results)])


def _row(level: str, results: Sequence[Result]) -> str:
    faults = [one for one in results if one.wanted]
    healthy = [one for one in results if not one.wanted]
    placed = [one.right_node for one in faults if one.right_node is not None]
    cells = [
        level,
        str(len(faults)),
        _share(one.is_right for one in faults),
        _share(one.is_near for one in faults),
        _share(placed),
        str(len(healthy)),
        str(sum(not one.is_right for one in healthy)),
        f"{sum(one.seconds for one in results) / len(results):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _share(answers: Iterable[bool | None]) -> str:
    given = list(answers)
    return f"{sum(map(bool, given))} ({100 * sum(map(bool, given)) / len(given):.0f} %)" if given else "-"


def _reliability(results: Sequence[Result]) -> Iterator[str]:
    """Of the first diagnoses stated with a probability, how many are right; and their Brier score."""
    stated = [(one.stated[0][1], one.first == one.wanted) for one in results if one.diagnosed]
    yield "| stated | diagnoses | right |"
    yield "|---|---|---|"
    for low, high in itertools.pairwise(BINS):
        inside = [right for probability, right in stated if low < probability <= high]
        if inside:
            yield f"| {low:.1f} to {high:.1f} | {len(inside)} | {_share(inside)} |"
    if stated:
        brier = sum((probability - right) ** 2 for probability, right in stated) / len(stated)
        yield ""
        yield f"Brier score of the first diagnoses: {brier:.3f}."


def _misses(results: Sequence[Result]) -> Iterator[str]:
    missed = [one for one in results if not one.is_right]
    if missed:
        yield "| missed | access | said |"
        yield "|---|---|---|"
    for one in missed:
        said = ", ".join(f"{cause} {probability:.2f}" for cause, probability in one.stated[:3])
        yield f"| {one.scenario} | {one.access} | {one.trouble or said or 'nothing'} |"


def main() -> int:
    """Measure what the command line asks for; 1 if a diagnosis at full access is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.accuracy", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="scenarios, or beginnings of their names; default: all"
    )
    parser.add_argument("--access", action="append", choices=LEVELS, help="levels of access; default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every result to a file")
    options = parser.parse_args()
    chosen = [one.name for one in SCENARIOS if not options.names or one.name.startswith(tuple(options.names))]
    began = time.monotonic()
    results = list(_measured(chosen, options.access or LEVELS))
    text = table(results)
    print(text)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in results], indent=1))
    if not (options.names or options.access):
        _write(text, len(chosen), time.monotonic() - began)
    return int(any(not one.is_right for one in results if one.access == "everything"))


def _measured(names: Sequence[str], levels: Sequence[Access]) -> Iterator[Result]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for results in pool.map(partial(measure, levels=levels), names):
            words = ["ok" if one.is_right else f"said {one.first or one.trouble or 'nothing'}" for one in results]
            marks = ", ".join(f"{one.access}: {word}" for one, word in zip(results, words, strict=True))
            print(f"{results[0].scenario}: {marks}", file=sys.stderr, flush=True)
            yield from results


def _write(text: str, scenarios: int, seconds: float) -> None:
    """Keep the table of a full run."""
    day = datetime.now(tz=UTC).date().isoformat()
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(HEAD.format(day=day, scenarios=scenarios, minutes=seconds / 60) + text + "\n")


HEAD = """\
# How often the diagnosis is right

`python -m tests.lab.accuracy`, {day}: {scenarios} scenarios on real servers, each proven by a naive client before the
tool was asked, each scanned with four levels of access; {minutes:.0f} minutes.

- `url`: the site's URL, how it is used (`site.flow`), its mode, and the names and kinds of the balancers.
- `nodes`: also the nodes' own URLs.
- `store`: the stores instead.
- `everything`: the whole topology file.

A fault that the evidence of a level cannot tell from another one counts as missed there, even if the report says so and
names what would decide.

"""

if __name__ == "__main__":
    raise SystemExit(main())
