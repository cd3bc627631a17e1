"""What the findings say, one observation a check."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.pipeline.judge import Judged


@dataclass(frozen=True, slots=True)
class Observation:
    """One check's answer over all subjects: failed if any subject failed, else passed.

    Attributes:
        alarm: the probability of this failure without any cause.
        power: the probability that the fault would have shown; of a pass.
        loss: failing means that a loss was seen or must follow.
    """

    check: str
    failed: bool
    alarm: float
    power: float
    loss: bool


def observe(judged: Iterable[Judged]) -> tuple[Observation, ...]:
    """The observations, sorted by check id; hygiene checks tell nothing about a loss and are left out."""
    by_check: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.finding.status in {Status.PASS, Status.FAIL} and one.check.role != "hygiene":
            by_check[one.check.id].append(one)
    return tuple(_observation(by_check[check]) for check in sorted(by_check))


def _observation(answers: list[Judged]) -> Observation:
    check = answers[0].check
    failures = [one for one in answers if one.finding.status is Status.FAIL]
    return Observation(
        check=check.id,
        failed=bool(failures),
        alarm=max(check.false_alarm, min((one.chance for one in failures), default=0.0)),
        power=max(one.power for one in answers),
        loss=check.role == "loss",
    )
