"""The whole diagnosis: findings in; verdict, stated causes, what else is possible, advice and next steps out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.catalogue.page import solution_of, verify_of, with_product
from sessiondoctor.diagnosis import ranking, summing_up
from sessiondoctor.diagnosis.likelihood import Likelihood
from sessiondoctor.diagnosis.observation import Observation, blocking, observe, rests_on, unreadable
from sessiondoctor.diagnosis.posterior import Posterior, posterior
from sessiondoctor.diagnosis.scene import Scene
from sessiondoctor.diagnosis.steps import next_steps, product_first
from sessiondoctor.model import Advice, Candidate, Diagnosis, NextStep, Outcome, Status
from sessiondoctor.pipeline.judge import Judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.model import Solution

_SURE = 0.5  # a pass with less power than this is no sign of survival


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the report says above its findings.

    `unexplained` are failed checks that neither a stated cause nor a piece of advice accounts for; `headline` and
    `in_common` are those of the report.
    """

    verdict: Outcome
    diagnosis: tuple[Diagnosis, ...]
    differential: tuple[Candidate, ...]
    advice: tuple[Advice, ...]
    next_steps: tuple[NextStep, ...]
    unexplained: frozenset[str]
    headline: str = ""
    in_common: str = ""


def diagnose(judged: Sequence[Judged], causes: Mapping[str, Cause], scene: Scene) -> Opinion:
    """Judges the findings as a whole; pure, and independent of their order."""
    judged = sorted(judged, key=lambda one: (one.check.id, one.finding.subject, one.finding.summary))
    observations = observe(judged)
    symptoms = scene.topology.symptoms
    believed = posterior(ranking.hypotheses(causes.values(), scene), observations, symptoms)
    answer = _answer(believed, observations, causes, symptoms)
    failed = _failed(judged)
    told = ranking.accounted([causes[id_] for id_ in answer], failed)
    left = {check: fact for check, fact in failed.items() if check not in told}
    losses = {o.check for o in observations if o.failed and o.loss}
    blocked = bool(blocking(judged)) and not losses
    advised = () if blocked else _advisable(causes, believed.causes(), left)
    forgiven = ranking.accounted(advised, {check: fact for check, fact in left.items() if check not in losses})
    write = _Writer(judged, observations, scene, believed.likelihood)
    verdict = _verdict(judged, losses, answer, unseen=bool(blocked) or scene.entry_unseen)
    diagnosis = tuple(
        write.diagnosis(believed.as_seen(causes[id_]), believed.of(id_), under) for id_, under in answer.items()
    )
    told_as = summing_up.of(verdict, diagnosis, judged, believed, [causes[one.cause] for one in diagnosis])
    return Opinion(
        verdict=verdict,
        diagnosis=diagnosis,
        differential=() if blocked else _differential(believed, answer, causes),
        advice=tuple(write.advice(cause) for cause in advised),
        next_steps=() if blocked else product_first(next_steps(judged, believed, scene.topology), scene),
        unexplained=frozenset(left.keys() - forgiven),
        headline=told_as.headline,
        in_common=told_as.in_common,
    )


def without_diagnosis(judged: Iterable[Judged]) -> Opinion:
    """What is said where only some checks were asked for: what came of them, and nothing of the site."""
    statuses = {one.finding.status for one in judged}
    sound = Outcome.NO_FAULT_FOUND if statuses == {Status.PASS} else Outcome.NOT_ENOUGH_ACCESS
    return Opinion(Outcome.FAULT_FOUND if Status.FAIL in statuses else sound, (), (), (), (), frozenset())


def _failed(judged: Iterable[Judged]) -> dict[str, str]:
    """The failed checks that say something of the site, each with the fact that it shows."""
    unread = unreadable(judged)
    failed = (one.check for one in judged if one.finding.status is Status.FAIL)
    return {check.id: check.shows for check in failed if check.role != "blocks" and not rests_on(check, unread)}


def _answer(
    believed: Posterior, observations: Sequence[Observation], causes: Mapping[str, Cause], symptoms: Collection[str]
) -> dict[str, tuple[str, ...]]:
    probabilities = believed.causes()
    accounting = {
        id_: p for id_, p in probabilities.items() if ranking.explains_a_loss(causes[id_], observations, symptoms)
    }
    return ranking.fold(ranking.stated(accounting, causes, observations), probabilities, causes)


def _verdict(
    judged: Sequence[Judged], losses: Collection[str], answer: Mapping[str, object], *, unseen: bool
) -> Outcome:
    if answer or losses:
        return Outcome.FAULT_FOUND
    survived = any(one.check.survival and one.finding.status is Status.PASS and one.power >= _SURE for one in judged)
    return Outcome.NO_FAULT_FOUND if survived and not unseen else Outcome.NOT_ENOUGH_ACCESS


def _differential(
    believed: Posterior, answer: Mapping[str, tuple[str, ...]], causes: Mapping[str, Cause]
) -> tuple[Candidate, ...]:
    taken = {*answer, *(under for folded in answer.values() for under in folded)}
    rest = [(id_, p) for id_, p in believed.causes().items() if p >= ranking.POSSIBLE and id_ not in taken]
    ordered = sorted(rest, key=lambda item: (-item[1], item[0]))
    return tuple(Candidate(id_, round(p, 3), causes[id_].title) for id_, p in ordered)


def _advisable(
    causes: Mapping[str, Cause], probable: Mapping[str, float], left: Mapping[str, str]
) -> tuple[Cause, ...]:
    """For each failed check that no stated cause accounts for, its likeliest cause: hygiene or a risk, not the loss."""
    found: set[str] = set()
    for check, fact in left.items():
        about = [cause for cause in causes.values() if cause.expects(check, fact) >= ranking.ADVISED_FROM]
        if about:
            best = max(about, key=lambda c: (c.role == "advice", probable.get(c.id, 0.0), c.prior, c.id))
            found.add(best.id)
    return tuple(sorted((causes[id_] for id_ in found), key=lambda cause: (cause.severity.rank, cause.id)))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Puts one cause into the words of the report."""

    judged: Sequence[Judged]
    observations: Sequence[Observation]
    scene: Scene
    likelihood: Likelihood

    def diagnosis(self, cause: Cause, probability: float, under: tuple[str, ...]) -> Diagnosis:
        because, against = ranking.weigh(cause, self.judged, self.observations, self.likelihood)
        return Diagnosis(
            cause=cause.id,
            family=cause.family,
            title=cause.title,
            severity=cause.severity,
            probability=round(probability, 3),
            where=ranking.where(cause, self.judged, self.scene.topology),
            because=because,
            against=against,
            explains=under,
            solution=self._solution(cause),
            verify=verify_of(cause, self.scene.topology),
            requires=dict(ranking.required(cause, self.scene)),
        )

    def advice(self, cause: Cause) -> Advice:
        return Advice(
            cause=cause.id,
            title=cause.title,
            severity=cause.severity,
            where=ranking.where(cause, self.judged, self.scene.topology),
            solution=self._solution(cause),
            verify=verify_of(cause, self.scene.topology),
            at=ranking.place(cause, self.judged),
        )

    def _solution(self, cause: Cause) -> Solution:
        return with_product(solution_of(cause, self._stacks()), cause, self.scene.product)

    def _stacks(self) -> tuple[str, ...]:
        kinds = (balancer.kind for balancer in self.scene.topology.load_balancers)
        stores = (store.kind for store in self.scene.topology.stores)
        return tuple(dict.fromkeys(word for word in (*self.scene.hints, *kinds, *stores) if word))
