"""What the findings say, one observation a check."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.pipeline.judge import Judged


@dataclass(frozen=True, slots=True)
class Observation:
    """One check's answer over all subjects: failed if any subject failed, else passed.

    Attributes:
        alarm: the probability of this failure without any cause.
        power: the probability that the fault would have shown; of a pass.
        loss: failing means that a loss was seen or must follow.
        fact: what it shows, where other checks show the same; else empty.
    """

    check: str
    failed: bool
    alarm: float
    power: float
    loss: bool
    fact: str = ""


def observe(judged: Iterable[Judged]) -> tuple[Observation, ...]:
    """The observations, sorted by check id. What may not vote is left out.

    Hygiene checks tell nothing about a loss. Nor does what rests on evidence that a check with the role `blocks` has
    found to be not understood.
    """
    judged = tuple(judged)
    unread = unreadable(judged)
    by_check: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.finding.status in {Status.PASS, Status.FAIL} and _votes(one.check, unread):
            by_check[one.check.id].append(one)
    return tuple(_observation(by_check[check]) for check in sorted(by_check))


def blocking(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """The failures that say why evidence was not understood."""
    return tuple(one for one in judged if one.check.role == "blocks" and one.finding.status is Status.FAIL)


def unreadable(judged: Iterable[Judged]) -> frozenset[type[Any]]:
    """The kinds of evidence that were not understood."""
    return frozenset(kind for one in blocking(judged) for kind in one.check.blocks)


def rests_on(check: Check, kinds: frozenset[type[Any]]) -> bool:
    """Whether a check cannot do without one of these kinds of evidence."""
    return any(need.evidence in kinds for need in check.needs if not need.optional)


def _votes(check: Check, unread: frozenset[type[Any]]) -> bool:
    return check.role not in {"hygiene", "blocks"} and not rests_on(check, unread)


def _observation(answers: list[Judged]) -> Observation:
    check = answers[0].check
    failures = [one for one in answers if one.finding.status is Status.FAIL]
    return Observation(
        check=check.id,
        failed=bool(failures),
        alarm=max(check.false_alarm, min((one.chance for one in failures), default=0.0)),
        power=max(one.power for one in answers),
        loss=check.role == "loss",
        fact=check.shows,
    )
