"""The whole diagnosis: findings in; verdict, stated causes, what else is possible, advice and next steps out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.catalogue.page import solution_of, verify_of
from sessiondoctor.diagnosis import ranking
from sessiondoctor.diagnosis.observation import Observation, observe
from sessiondoctor.diagnosis.posterior import Posterior, posterior
from sessiondoctor.diagnosis.steps import next_steps
from sessiondoctor.model import Advice, Candidate, Diagnosis, NextStep, Outcome, Status
from sessiondoctor.pipeline.judge import Judged
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.catalogue.loader import Cause

_SURE = 0.5  # a pass with less power than this is no sign of survival


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the report says above its findings.

    `unexplained` are failed checks that neither a stated cause nor a piece of advice accounts for.
    """

    verdict: Outcome
    diagnosis: tuple[Diagnosis, ...]
    differential: tuple[Candidate, ...]
    advice: tuple[Advice, ...]
    next_steps: tuple[NextStep, ...]
    unexplained: frozenset[str]


def diagnose(
    judged: Sequence[Judged], causes: Mapping[str, Cause], topology: Topology, hints: tuple[str, ...] = ()
) -> Opinion:
    """Judges the findings as a whole; pure, and independent of their order.

    `hints`: what the application and the products in front of it are, as far as that is known; the first is the stack.
    """
    stack = hints[0] if hints else ""
    judged = sorted(judged, key=lambda one: (one.check.id, one.finding.subject, one.finding.summary))
    observations = observe(judged)
    believed = posterior(ranking.hypotheses(causes.values(), topology, stack), observations, topology.symptoms)
    answer = _answer(believed, observations, causes, topology)
    failed = {one.check.id for one in judged if one.finding.status is Status.FAIL}
    left = failed - ranking.accounted([causes[id_] for id_ in answer], failed)
    advised = _advisable(causes, believed.causes(), left)
    write = _Writer(judged, observations, topology, hints)
    return Opinion(
        verdict=_verdict(judged, observations, answer),
        diagnosis=tuple(
            write.diagnosis(believed.as_seen(causes[id_]), believed.of(id_), under) for id_, under in answer.items()
        ),
        differential=_differential(believed, answer),
        advice=tuple(write.advice(cause) for cause in advised),
        next_steps=next_steps(judged, believed),
        unexplained=frozenset(left - ranking.accounted(advised, left - _losses(observations))),
    )


def _answer(
    believed: Posterior, observations: Sequence[Observation], causes: Mapping[str, Cause], topology: Topology
) -> dict[str, tuple[str, ...]]:
    probabilities = believed.causes()
    accounting = {
        id_: p
        for id_, p in probabilities.items()
        if ranking.explains_a_loss(causes[id_], observations, topology.symptoms)
    }
    return ranking.fold(ranking.stated(accounting, causes, observations), probabilities, causes)


def _verdict(judged: Sequence[Judged], observations: Sequence[Observation], answer: Mapping[str, object]) -> Outcome:
    if answer or _losses(observations):
        return Outcome.FAULT_FOUND
    survived = any(one.check.survival and one.finding.status is Status.PASS and one.power >= _SURE for one in judged)
    return Outcome.NO_FAULT_FOUND if survived else Outcome.NOT_ENOUGH_ACCESS


def _losses(observations: Sequence[Observation]) -> set[str]:
    """The failed checks that saw a loss: advice is about what is no loss, and cannot account for one."""
    return {o.check for o in observations if o.failed and o.loss}


def _differential(believed: Posterior, answer: Mapping[str, tuple[str, ...]]) -> tuple[Candidate, ...]:
    taken = {*answer, *(under for folded in answer.values() for under in folded)}
    rest = [(id_, p) for id_, p in believed.causes().items() if p >= ranking.POSSIBLE and id_ not in taken]
    return tuple(Candidate(id_, round(p, 3)) for id_, p in sorted(rest, key=lambda item: (-item[1], item[0])))


def _advisable(causes: Mapping[str, Cause], probable: Mapping[str, float], left: set[str]) -> tuple[Cause, ...]:
    """For each failed check that no stated cause accounts for, its likeliest cause: hygiene or a risk, not the loss."""
    found: set[str] = set()
    for check in left:
        about = [cause for cause in causes.values() if cause.findings.get(check, 0.0) >= ranking.TELLS]
        if about:
            best = max(about, key=lambda c: (c.role == "advice", probable.get(c.id, 0.0), c.prior, c.id))
            found.add(best.id)
    return tuple(sorted((causes[id_] for id_ in found), key=lambda cause: (cause.severity.rank, cause.id)))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Puts one cause into the words of the report."""

    judged: Sequence[Judged]
    observations: Sequence[Observation]
    topology: Topology
    hints: tuple[str, ...]

    def diagnosis(self, cause: Cause, probability: float, under: tuple[str, ...]) -> Diagnosis:
        because, against = ranking.weigh(cause, self.judged, self.observations)
        return Diagnosis(
            cause=cause.id,
            family=cause.family,
            title=cause.title,
            severity=cause.severity,
            probability=round(probability, 3),
            where=ranking.where(cause, self.judged, self.topology),
            because=because,
            against=against,
            explains=under,
            solution=solution_of(cause, self._stacks()),
            verify=verify_of(cause, self.topology),
        )

    def advice(self, cause: Cause) -> Advice:
        return Advice(
            cause=cause.id,
            title=cause.title,
            severity=cause.severity,
            where=ranking.where(cause, self.judged, self.topology),
            solution=solution_of(cause, self._stacks()),
            verify=verify_of(cause, self.topology),
            at=ranking.place(cause, self.judged),
        )

    def _stacks(self) -> tuple[str, ...]:
        kinds = (balancer.kind for balancer in self.topology.load_balancers)
        stores = (store.kind for store in self.topology.stores)
        return tuple(dict.fromkeys(word for word in (*self.hints, *kinds, *stores) if word))
