"""How often is the diagnosis right? `python -m tests.lab.accuracy` runs every scenario at every level of access.

It prints a table and writes it to `docs/accuracy.md`; with names or `--access` it prints only. `--runs 3` does all
three times, and says which first causes differ from run to run.
"""

# ruff: noqa: T201 - a command prints
from __future__ import annotations

import argparse
import itertools
import json
import platform
import sys
import textwrap
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sessiondoctor
from tests.lab.access import LEVELS, Access, can_tell
from tests.lab.errors import LabError
from tests.lab.scan import scan
from tests.lab.scenarios import SCENARIOS, named
from tests.lab.shapes import PLAIN, SHAPES, Shape
from tests.lab.versions import versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.lab.scan import Scan
    from tests.lab.scenario import Scenario

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "accuracy.md"
COLUMNS = (
    "access", "faults", "cause first", "of those it can tell", "among first three", "right place", "healthy",
    "false alarms", "seconds",
)  # fmt: skip
BINS = (0.0, 0.5, 0.7, 0.9, 1.0)
AT_ONCE = 2
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Result:
    """One scan of one scenario.

    Attributes:
        wanted: the cause that was switched on; empty where nothing is wrong.
        stated: causes and their probabilities, most probable first, diagnosis before differential.
        diagnosed: how many of these are diagnoses.
        failed: the checks that failed.
        right_node: whether the first diagnosis names the right place; None where none is expected.
        trouble: why there is no result.
        run: which run of several, from 0.
    """

    scenario: str
    access: Access
    wanted: str
    stated: tuple[tuple[str, float], ...] = ()
    diagnosed: int = 0
    failed: tuple[str, ...] = ()
    right_node: bool | None = None
    seconds: float = 0.0
    trouble: str = ""
    run: int = 0

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

    @property
    def can_be_told(self) -> bool:
        """Whether the evidence of its level can tell the fault from its look-alikes."""
        return self.wanted != "" and can_tell(self.wanted, self.access)


def measure(name: str, levels: Sequence[Access], shape: Shape = PLAIN) -> list[Result]:
    """Start a scenario, prove its fault, scan it at each level."""
    scenario = named(name)
    rounds = [[level] for level in levels] if scenario.worn_by_scans else [levels]
    return [result for together in rounds for result in _measured_together(scenario, together, shape)]


def _measured_together(scenario: Scenario, levels: Sequence[Access], shape: Shape) -> list[Result]:
    """The levels one after the other, on the same servers."""
    try:
        with scenario.running(shape) as (_, cluster):
            scenario.prove(cluster)
            return [result_of(scenario, level, scan(cluster, level, scenario.words)) for level in levels]
    except (LabError, AssertionError) as error:
        trouble = str(error).splitlines()[0]
        return [Result(scenario.name, level, scenario.cause or "", trouble=trouble) for level in levels]


def result_of(scenario: Scenario, level: Access, done: Scan) -> Result:
    """What matters of a report."""
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
        failed=tuple(sorted({finding["check"] for finding in report["findings"] if finding["status"] == "fail"})),
        right_node=set(diagnosis[0]["where"]) == set(scenario.where) if expected else None,
        seconds=report["duration_s"],
    )


def table(results: Sequence[Result]) -> str:
    """The figures as Markdown."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for level in LEVELS:
        of_level = [one for one in results if one.access == level]
        if of_level:
            lines.append(_row(level, of_level))
    return "\n".join([*lines, "", *_reliability(results), "", *_unsteady(results), "", *_misses(results)])


def _row(level: str, results: Sequence[Result]) -> str:
    faults = [one for one in results if one.wanted]
    healthy = [one for one in results if not one.wanted]
    placed = [one.right_node for one in faults if one.right_node is not None]
    cells = [
        level,
        str(len(faults)),
        _share(one.is_right for one in faults),
        _share(one.is_right for one in faults if one.can_be_told),
        _share(one.is_near for one in faults),
        _share(placed),
        str(len(healthy)),
        str(sum(not one.is_right for one in healthy)),
        f"{sum(one.seconds for one in results) / len(results):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _share(answers: Iterable[bool | None]) -> str:
    given = list(answers)
    return (
        f"{sum(map(bool, given))} of {len(given)} ({100 * sum(map(bool, given)) / len(given):.0f} %)" if given else "-"
    )


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


def _unsteady(results: Sequence[Result]) -> Iterator[str]:
    """The scans whose first diagnosis is not the same in every run."""
    runs = 1 + max((one.run for one in results), default=0)
    if runs == 1:
        return
    firsts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in results:
        firsts[one.scenario, one.access].add(one.first)
    differing = {scan: causes for scan, causes in firsts.items() if len(causes) > 1}
    yield f"First diagnoses that are not the same in all of {runs} runs: {len(differing)} of {len(firsts)}."
    for (scenario, access), causes in differing.items():
        yield f"- {scenario}, {access}: {', '.join(sorted(cause or 'none' for cause in causes))}"


def _misses(results: Sequence[Result]) -> Iterator[str]:
    """What the last run missed."""
    last = max((one.run for one in results), default=0)
    missed = [one for one in results if one.run == last and not one.is_right]
    if missed:
        yield f"| missed{' in the last run' if last else ''} | access | said |"
        yield "|---|---|---|"
    for one in missed:
        said = ", ".join(f"{cause} {probability:.2f}" for cause, probability in one.stated[:3])
        told = "" if not one.wanted or one.can_be_told else " (cannot be told)"
        yield f"| {one.scenario} | {one.access}{told} | {one.trouble or said or 'nothing'} |"


def main() -> int:
    """Measure what the command line asks for; 1 if a diagnosis at full access is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.accuracy", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="scenarios, or beginnings of their names; default: all"
    )
    parser.add_argument("--access", action="append", choices=LEVELS, help="levels of access; default: all")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="do all of it N times; default: 1")
    parser.add_argument("--shape", choices=SHAPES, default="plain", help="what the sites are like; default: plain")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every result to a file")
    options = parser.parse_args()
    chosen = [one.name for one in SCENARIOS if not options.names or one.name.startswith(tuple(options.names))]
    began = time.monotonic()
    levels = options.access or LEVELS
    results = [
        replace(one, run=run) for run in range(options.runs) for one in _measured(chosen, levels, SHAPES[options.shape])
    ]
    text = table(results)
    print(text)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in results], indent=1))
    if not (options.names or options.access or options.shape != "plain"):
        _write(text, len(chosen), options.runs, (time.monotonic() - began) / options.runs)
    return int(any(not one.is_right for one in results if one.access == "everything"))


def _measured(names: Sequence[str], levels: Sequence[Access], shape: Shape) -> Iterator[Result]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for results in pool.map(partial(measure, levels=levels, shape=shape), names):
            words = ["ok" if one.is_right else f"said {one.first or one.trouble or 'nothing'}" for one in results]
            marks = ", ".join(f"{one.access}: {word}" for one, word in zip(results, words, strict=True))
            print(f"{results[0].scenario}: {marks}", file=sys.stderr, flush=True)
            yield from results


def _write(text: str, scenarios: int, runs: int, seconds: float) -> None:
    """Keep the table of a full run."""
    head = HEAD.format(
        day=datetime.now(tz=UTC).date().isoformat(),
        scenarios=scenarios,
        runs=f" --runs {runs}" if runs > 1 else "",
        minutes=seconds / 60,
        python=platform.python_version(),
        tool=sessiondoctor.__version__,
        versions=textwrap.fill(", ".join(map(" ".join, versions().items())), _WIDTH),
    )
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(head + text + "\n")


HEAD = """\
# How often the diagnosis is right

`python -m tests.lab.accuracy{runs}`, {day}: {scenarios} scenarios on real servers, each proven by a naive client before
the tool was asked, each scanned with four levels of access; a run takes {minutes:.0f} minutes.

- `url`: the site's URL, how it is used (`site.flow`), its mode, DNS, and the names and kinds of the balancers.
- `nodes`: also the nodes' own URLs.
- `store`: also the stores, and which node uses which.
- `everything`: the whole topology file: configuration, statistics, secrets, clocks.

A fault that the evidence of a level cannot tell from another one counts as missed there, even if the report says so and
names what would decide. From the URL alone, what goes wrong behind the nodes shows as a loss and as nothing more, so
there the causes that leave a mark of their own at the site are also counted by themselves: "of those it can tell"
(`tests/lab/access.py` says which; the list was narrowed once, after a look at misses).

Checks and likelihoods have been tuned on scenarios of this catalogue, so the figures are those of known faults.

sessiondoctor {tool} on Python {python}, in front of
{versions}.

"""

if __name__ == "__main__":
    raise SystemExit(main())
