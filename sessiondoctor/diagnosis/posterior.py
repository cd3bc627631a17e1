"""The formula of the package's docstring."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.diagnosis.observation import Observation

SYMPTOM = 4.0  # odds of a cause whose page names a declared symptom: a user's word is good evidence, not proof
_ASKS = 0.5  # a loss that a hypothesis expects with less than this is not explained by it
_SEEDS = 12  # so many of the best pairs are tried with a third cause

Hypothesis = tuple["Cause", ...]


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities of hypotheses, summing to 1, the most probable first."""

    hypotheses: tuple[tuple[Hypothesis, float], ...]

    def of(self, cause: str) -> float:
        """The probability that this cause is present, alone or with others."""
        return math.fsum(p for hypothesis, p in self.hypotheses if any(c.id == cause for c in hypothesis))

    def as_seen(self, cause: Cause) -> Cause:
        """The cause in the way in which it most probably shows itself."""
        ways = (c for hypothesis, _ in self.hypotheses for c in hypothesis if c.id == cause.id)
        return next(ways, cause)

    def causes(self) -> dict[str, float]:
        """Every cause's probability."""
        sums: dict[str, list[float]] = {}
        for hypothesis, p in self.hypotheses:
            for cause in hypothesis:
                sums.setdefault(cause.id, []).append(p)
        return {id_: math.fsum(parts) for id_, parts in sums.items()}


def fail(check: str, alarm: float, hypothesis: Iterable[Cause]) -> float:
    """The probability that a check fails when these causes are present: noisy-OR."""
    silent = 1.0 - alarm
    for cause in hypothesis:
        silent *= 1.0 - cause.findings.get(check, 0.0)
    return 1.0 - silent


def likelihood(observation: Observation, hypothesis: Iterable[Cause]) -> float:
    """The probability of one observation when these causes are present."""
    p = fail(observation.check, observation.alarm, hypothesis)
    return p if observation.failed else 1.0 - observation.power * p


def posterior(
    causes: Sequence[Cause], observations: Sequence[Observation], symptoms: Collection[str] = ()
) -> Posterior:
    """The probabilities of all hypotheses of up to two causes, and of three where two leave a loss unexplained."""
    odds = {cause.id: _odds(cause, symptoms) / len(cause.presentations) for cause in causes}
    ordered = [way for cause in sorted(causes, key=lambda cause: cause.id) for way in cause.presentations]
    pairs: list[Hypothesis] = [(), *((c,) for c in ordered), *filter(_differ, combinations(ordered, 2))]
    scored = [(h, _score(h, odds, observations)) for h in pairs]
    best = sorted(scored, key=lambda item: -item[1])[:_SEEDS]
    if not _explains(best[0][0], observations):
        scored += [(h, _score(h, odds, observations)) for h in _triples(best, ordered)]
    return _normalised(scored)


def _differ(hypothesis: Hypothesis) -> bool:
    """Whether no cause is in it twice, in two of its ways."""
    return len({cause.id for cause in hypothesis}) == len(hypothesis)


def _odds(cause: Cause, symptoms: Collection[str]) -> float:
    named = SYMPTOM if set(cause.symptoms) & set(symptoms) else 1.0
    return named * cause.prior / (1.0 - cause.prior)


def _score(hypothesis: Hypothesis, odds: Mapping[str, float], observations: Iterable[Observation]) -> float:
    prior = math.fsum(math.log(odds[cause.id]) for cause in hypothesis)
    return prior + math.fsum(math.log(max(likelihood(o, hypothesis), 1e-12)) for o in observations)


def _explains(hypothesis: Hypothesis, observations: Iterable[Observation]) -> bool:
    losses = (o for o in observations if o.failed and o.loss)
    return all(fail(o.check, o.alarm, hypothesis) >= _ASKS for o in losses)


def _triples(best: Iterable[tuple[Hypothesis, float]], causes: Sequence[Cause]) -> set[Hypothesis]:
    return {
        tuple(sorted((*pair, third), key=lambda cause: cause.id))
        for pair, _ in best
        if len(pair) == 2  # noqa: PLR2004 - a pair
        for third in causes
        if _differ((*pair, third))
    }


def _normalised(scored: Sequence[tuple[Hypothesis, float]]) -> Posterior:
    top = max(score for _, score in scored)
    weights = [(hypothesis, math.exp(score - top)) for hypothesis, score in scored]
    total = math.fsum(weight for _, weight in weights)
    ranked = sorted(weights, key=lambda item: (-item[1], [cause.id for cause in item[0]]))
    return Posterior(tuple((hypothesis, weight / total) for hypothesis, weight in ranked))
