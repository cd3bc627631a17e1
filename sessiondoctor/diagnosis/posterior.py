"""The formula of the package's docstring."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.likelihood import Hypothesis, Likelihood, sights

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.diagnosis.observation import Observation

SYMPTOM = 4.0  # odds of a cause whose page names a declared symptom: a user's word is good evidence, not proof
_ASKS = 0.5  # a loss that a hypothesis expects with less than this is not explained by it
_LEADERS = 16  # of a pair one at least is so many of the best by themselves
_SEEDS = 12  # so many of the best pairs are tried with a third cause


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities of hypotheses, summing to 1, the most probable first."""

    hypotheses: tuple[tuple[Hypothesis, float], ...]
    likelihood: Likelihood

    def of(self, cause: str) -> float:
        """The probability that this cause is present, alone or with others."""
        return math.fsum(p for hypothesis, p in self.hypotheses if any(c.id == cause for c in hypothesis))

    def of_family(self, family: str) -> float:
        """The probability that any cause of this family is present."""
        return math.fsum(p for hypothesis, p in self.hypotheses if any(c.family == family for c in hypothesis))

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


def posterior(
    causes: Sequence[Cause], observations: Sequence[Observation], symptoms: Collection[str] = ()
) -> Posterior:
    """The probabilities of all hypotheses of up to two causes, and of three where two leave a loss unexplained."""
    looked_at = frozenset(name for sight in sights(observations) for name in sight.names)
    ways = {cause.id: _visible(cause, looked_at) for cause in causes}
    odds = {cause.id: _odds(cause, symptoms) / len(ways[cause.id]) for cause in causes}
    ordered = [way for id_ in sorted(ways) for way in ways[id_]]
    weigh = _Scale(ordered, odds, observations)
    scored: list[tuple[Hypothesis, float]] = [(h, weigh(h)) for h in ((), *((cause,) for cause in ordered))]
    leading = {h for h, _ in sorted(scored, key=lambda item: -item[1])[:_LEADERS]}
    pairs = (pair for pair in combinations(ordered, 2) if not leading.isdisjoint({(pair[0],), (pair[1],)}))
    scored += [(pair, weigh(pair)) for pair in pairs if _differ(pair)]
    best = sorted(scored, key=lambda item: -item[1])[:_SEEDS]
    if not _explains(best[0][0], observations):
        scored += [(h, weigh(h)) for h in _triples(best, ordered)]
    return _normalised(scored, weigh.likelihood)


class _Scale:
    """The logarithm of prior times likelihood of a hypothesis.

    What none of its pages speaks of is as likely under all hypotheses: that is worked out once.
    """

    def __init__(self, causes: Sequence[Cause], odds: Mapping[str, float], observations: Iterable[Observation]) -> None:
        self.odds = odds
        self.likelihood = Likelihood.among(causes)
        self.seen = sights(observations)
        self.silent = [self.likelihood.log_unmentioned(sight) for sight in self.seen]
        self.all_silent = math.fsum(self.silent)
        self.spoken = {
            id(cause): frozenset(n for n, sight in enumerate(self.seen) if sight.names & cause.findings.keys())
            for cause in causes
        }

    def __call__(self, hypothesis: Hypothesis) -> float:
        if not hypothesis:
            return math.fsum(self.likelihood.log(sight, ()) for sight in self.seen)
        prior = math.fsum(math.log(self.odds[cause.id]) for cause in hypothesis)
        spoken: frozenset[int] = frozenset().union(*(self.spoken[id(cause)] for cause in hypothesis))
        told = (self.likelihood.log(self.seen[n], hypothesis) - self.silent[n] for n in spoken)
        return prior + self.all_silent + math.fsum(told)


def _visible(cause: Cause, looked_at: frozenset[str]) -> tuple[Cause, ...]:
    """The ways in which it may show itself in what was looked at; all where it shows itself nowhere.

    A way that only a drill can show takes nothing from the others in a scan.
    """
    ways = tuple(way for way in cause.presentations if looked_at & way.findings.keys())
    return ways or cause.presentations


def _differ(hypothesis: Hypothesis) -> bool:
    """Whether no cause is in it twice, in two of its ways."""
    return len({cause.id for cause in hypothesis}) == len(hypothesis)


def _odds(cause: Cause, symptoms: Collection[str]) -> float:
    named = SYMPTOM if set(cause.symptoms) & set(symptoms) else 1.0
    return named * cause.prior / (1.0 - cause.prior)


def _explains(hypothesis: Hypothesis, observations: Iterable[Observation]) -> bool:
    losses = (o for o in observations if o.failed and o.loss)
    return all(any(cause.expects(o.check, o.fact) >= _ASKS for cause in hypothesis) for o in losses)


def _triples(best: Iterable[tuple[Hypothesis, float]], causes: Sequence[Cause]) -> set[Hypothesis]:
    return {
        tuple(sorted((*pair, third), key=lambda cause: cause.id))
        for pair, _ in best
        if len(pair) == 2  # a pair
        for third in causes
        if _differ((*pair, third))
    }


def _normalised(scored: Sequence[tuple[Hypothesis, float]], likelihood: Likelihood) -> Posterior:
    top = max(score for _, score in scored)
    weights = [(hypothesis, math.exp(score - top)) for hypothesis, score in scored]
    total = math.fsum(weight for _, weight in weights)
    ranked = sorted(weights, key=lambda item: (-item[1], [cause.id for cause in item[0]]))
    return Posterior(tuple((hypothesis, weight / total) for hypothesis, weight in ranked), likelihood)
