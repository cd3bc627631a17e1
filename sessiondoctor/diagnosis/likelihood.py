"""How likely the observations are under a hypothesis: noisy-OR, facts, and what silence means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from sessiondoctor.catalogue.loader import SEES
from sessiondoctor.diagnosis.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.catalogue.loader import Cause

Hypothesis = tuple["Cause", ...]

_BY_ITSELF = 0.001  # how often a fact is there although no cause in the catalogue is
_FORGOTTEN = 0.2  # how often a page is silent about what it should have mentioned
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Sight:
    """All observations of one fact; of a check that shows a fact of its own, the only one, and `fact` is empty."""

    fact: str
    observations: tuple[Observation, ...]

    @property
    def names(self) -> frozenset[str]:
        """What a page that speaks of it mentions: the fact, or a check."""
        return frozenset(filter(None, (self.fact, *(o.check for o in self.observations))))


def sights(observations: Iterable[Observation]) -> tuple[Sight, ...]:
    """The observations by the fact that they show."""
    ordered = sorted(observations, key=lambda o: (o.fact, o.check))
    alone = (Sight("", (o,)) for o in ordered if not o.fact)
    together = groupby((o for o in ordered if o.fact), key=lambda o: o.fact)
    return (*alone, *(Sight(fact, tuple(group)) for fact, group in together))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The likelihood of what was seen. `silence`: that of each check and fact under a page that does not mention it."""

    silence: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def among(cls, causes: Sequence[Cause]) -> Likelihood:
        """With these causes possible. Silence is ignorance, not never: what was forgotten is as likely as elsewhere."""
        shares: dict[str, float] = {}
        for cause in causes:
            for name, likelihood in cause.findings.items():
                shares[name] = shares.get(name, 0.0) + cause.prior * likelihood
        total = math.fsum(cause.prior for cause in causes) or 1.0
        return cls({name: _FORGOTTEN * share / total for name, share in shares.items()})

    def log(self, sight: Sight, hypothesis: Hypothesis) -> float:
        """The logarithm of `of`."""
        return math.log(max(self.of(sight, hypothesis), _LEAST))

    def log_unmentioned(self, sight: Sight) -> float:
        """The same under any hypothesis whose pages do not speak of it."""
        return math.log(max(self.of(sight, (), silent=True), _LEAST))

    def of(self, sight: Sight, hypothesis: Hypothesis, *, silent: bool = False) -> float:
        """The probability of all observations of a fact when these causes are present, and `silent` ones with them."""
        if not sight.fact:
            (o,) = sight.observations
            return _answer(o, self.fails(o.check, o.alarm, hypothesis, silent=silent))
        there = self.fails(sight.fact, _BY_ITSELF, hypothesis, silent=silent)
        return there * _seen(sight, hypothesis, SEES) + (1.0 - there) * _seen(sight, hypothesis, 0.0)

    def fails(self, name: str, alarm: float, hypothesis: Hypothesis, *, silent: bool = False) -> float:
        """The probability that a check fails, or a fact is there, when these causes are present."""
        quiet = 1.0
        for cause in hypothesis:
            likelihood = cause.findings.get(name)
            if likelihood is None:
                silent = True
            else:
                quiet *= 1.0 - likelihood
        if silent:
            alarm = max(alarm, self.silence.get(name, 0.0))
        return 1.0 - (1.0 - alarm) * quiet


def _seen(sight: Sight, hypothesis: Hypothesis, sees: float) -> float:
    """The probability of the observations where each check sees the fact so often, or fails for reasons of its own."""
    product = 1.0
    for o in sight.observations:
        quiet = (1.0 - o.alarm) * (1.0 - sees)
        for cause in hypothesis:
            quiet *= 1.0 - cause.findings.get(o.check, 0.0)
        product *= _answer(o, 1.0 - quiet)
    return product


def _answer(observation: Observation, fails: float) -> float:
    """The probability of an answer, with the probability that the check fails; a weak pass says little."""
    return fails if observation.failed else 1.0 - observation.power * fails
