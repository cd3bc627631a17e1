"""How often is the diagnosis right where chance composes the site: `python -m tests.lab.draws --seeds 1000-1200`.

A draw is a fault or none, a stack and its store, a balancer, one to six nodes, where the fault is, how the site is
used, a shape of its answers, what the scan is told, and what looks like a fault and is none. A naive client proves each
first.
"""

# ruff: noqa: T201 - a command prints
from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.access import LEVELS, family
from tests.lab.accuracy import Result, result_of
from tests.lab.draws.draw import Draw, drawn, seeds
from tests.lab.errors import LabError
from tests.lab.scan import scan
from tests.lab.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """A draw and what a scan said of it."""

    draw: Draw
    result: Result

    @property
    def family(self) -> str:
        """Of its fault."""
        return family(self.draw.causes[0]) if self.draw.causes else "healthy"

    @property
    def others(self) -> tuple[str, ...]:
        """Wrong causes that are stated with a half or more."""
        stated = self.result.stated[: self.result.diagnosed]
        return tuple(cause for cause, likely in stated if likely >= LIKELY and cause not in self.draw.causes)


def measured(draw: Draw) -> Outcome:
    """Start it, prove it, scan it once."""
    scenario = draw.scenario
    try:
        with scenario.running(SHAPES[draw.shape]) as (_, cluster):
            scenario.prove(cluster)
            result = result_of(scenario, draw.access, scan(cluster, draw.access))
    except (LabError, AssertionError) as error:
        trouble = str(error).split("\n", maxsplit=1)[0]
        return Outcome(draw, Result(scenario.name, draw.access, scenario.cause or "", trouble=trouble))
    # Where several causes name a fault, the one that was said is the one that was wanted.
    return Outcome(draw, replace(result, wanted=result.first) if result.first in draw.causes else result)


def table(outcomes: Sequence[Outcome]) -> str:
    """The figures as Markdown."""
    asked = [one for one in outcomes if not one.result.trouble]
    lines = ["| of | draws | right first | wrong beside or instead at >= .5 |", "|---|---|---|---|"]
    by: tuple[tuple[str, Callable[[Outcome], str]], ...] = (
        ("all faults", lambda one: "all faults" if one.draw.fault else "all healthy"),
        ("access", lambda one: one.draw.access),
        ("family", lambda one: one.family),
        ("shape", lambda one: f"shape {one.draw.shape}"),
        ("stack", lambda one: one.draw.stack),
        ("fault", lambda one: one.draw.fault.name if one.draw.fault else "no fault"),
    )
    for _, key in by:
        lines += _rows(asked, key)
    return "\n".join([*lines, "", *_end(outcomes, asked)])


def _rows(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> Iterator[str]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        groups[key(one)].append(one)
    for name, group in sorted(groups.items()):
        right, others = sum(one.result.is_right for one in group), sum(bool(one.others) for one in group)
        yield f"| {name} | {len(group)} | {right} ({100 * right / len(group):.0f} %) | {others} |"


def _end(outcomes: Sequence[Outcome], asked: Sequence[Outcome]) -> Iterator[str]:
    stated = [(one.result.stated[0][1], one.result.is_right) for one in asked if one.result.diagnosed]
    if stated:
        brier = sum((likely - right) ** 2 for likely, right in stated) / len(stated)
        yield f"Brier score of the first diagnoses: {brier:.3f} of {len(stated)}."
    healthy = [one for one in asked if not one.draw.fault]
    accused = [one for one in healthy if one.result.diagnosed]
    yield f"False alarms: {len(accused)} of {len(healthy)} healthy. Not shown: {len(outcomes) - len(asked)}."
    for one in outcomes:
        if not one.result.is_right:
            said = ", ".join(f"{cause} {likely:.2f}" for cause, likely in one.result.stated[:3])
            yield f"- {one.draw.words}: {one.result.trouble or said or 'nothing'}"


def main() -> int:
    """Measure the seeds that the command line gives; 1 if any is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.draws", description=__doc__)
    parser.add_argument("--seeds", required=True, metavar="FROM-TO", help="such as 1000-1200, or one number")
    parser.add_argument("--shape", choices=SHAPES, help="this shape, whatever was drawn")
    parser.add_argument("--access", choices=LEVELS, help="this access, whatever was drawn")
    parser.add_argument("--list", action="store_true", help="print the draws; start nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every result to a file")
    options = parser.parse_args()
    wishes = {name: wish for name in ("shape", "access") if (wish := getattr(options, name))}
    draws = [replace(drawn(seed), **wishes) for seed in seeds(options.seeds)]
    if options.list:
        print("\n".join(draw.words for draw in draws))
        return 0
    outcomes = []
    for draw in draws:
        outcomes.append(measured(draw))
        result = outcomes[-1].result
        said = result.trouble or (f"said {result.first or 'nothing'}" if not result.is_right else "ok")
        print(f"{draw.words}: {said}", flush=True)
    print("\n" + table(outcomes))
    if options.json:
        told = [{"draw": one.draw.words, "others": one.others, **asdict(one.result)} for one in outcomes]
        options.json.write_text(json.dumps(told, indent=1))
    return int(not all(one.result.is_right for one in outcomes))


if __name__ == "__main__":
    raise SystemExit(main())
