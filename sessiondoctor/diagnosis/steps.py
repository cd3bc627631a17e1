"""What to ask next: the unanswered check whose answer would tell most, in bits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.likelihood import Sight
from sessiondoctor.diagnosis.observation import Observation
from sessiondoctor.diagnosis.snippets import paste_for
from sessiondoctor.model import NextStep, Status
from sessiondoctor.products.flow import account_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.diagnosis.likelihood import Hypothesis
    from sessiondoctor.diagnosis.posterior import Posterior
    from sessiondoctor.diagnosis.scene import Scene
    from sessiondoctor.pipeline.judge import Judged
    from sessiondoctor.topology.model import Topology

_MOST = 3
_LEAST_BITS = 0.01
_TAIL = 80  # hypotheses beyond the most probable ones change no digit of the gain


def next_steps(judged: Iterable[Judged], posterior: Posterior, topology: Topology) -> tuple[NextStep, ...]:
    """The checks that could not be answered and can be made to, best first; one step for each thing to do.

    Of equals, what was declared and did not answer comes before what could be declared as well.
    """
    answered = {one.check.id for one in judged if one.finding.status in {Status.PASS, Status.FAIL}}
    steps: dict[str, NextStep] = {}
    silent: set[str] = set()
    for one in judged:
        how = one.hint or (one.finding.reason if one.finding.status is not Status.NOT_APPLICABLE else "")
        if one.check.id in answered or not how or one.check.role == "hygiene":
            continue
        if not one.hint:
            silent.add(how)
        gain = gain_bits(one.check, posterior)
        if gain >= _LEAST_BITS and gain > getattr(steps.get(how), "gain_bits", 0.0):
            steps[how] = NextStep(one.check.id, round(gain, 2), how, paste_for(how, topology))
    return tuple(sorted(steps.values(), key=lambda step: (-step.gain_bits, step.how not in silent, step.check))[:_MOST])


def with_account(steps: tuple[NextStep, ...], scene: Scene) -> tuple[NextStep, ...]:
    """First of all how somebody signs in to a known product, where nothing else shows whether a session is kept."""
    flow, product = scene.topology.site.flow, scene.product
    if not product or not product.account or flow.write or flow.login:
        return steps
    how = f"declare below `site:` how a throw-away account signs in to {product.title}"
    best = max((step.gain_bits for step in steps), default=0.0)
    first = NextStep("state-lost-between-requests", best, how, account_text(product))
    return (first, *(step for step in steps if "site.flow" not in step.how))[:_MOST]


def gain_bits(check: Check, posterior: Posterior) -> float:
    """The expected drop of entropy over the hypotheses when this check gets its answer: mutual information."""
    fails = [(p, _fails(check, hypothesis, posterior)) for hypothesis, p in posterior.hypotheses[:_TAIL]]
    total = math.fsum(p for p, _ in fails)
    p_fail = math.fsum(p * q for p, q in fails) / total
    return _entropy(p_fail) - math.fsum(p * _entropy(q) for p, q in fails) / total


def _fails(check: Check, hypothesis: Hypothesis, posterior: Posterior) -> float:
    """The probability that the check would fail when these causes are present."""
    seen = Observation(check.id, failed=True, alarm=check.false_alarm, power=1.0, loss=False, fact=check.shows)
    return posterior.likelihood.of(Sight(check.shows, (seen,)), hypothesis)


def _entropy(p: float) -> float:
    return -math.fsum(q * math.log2(q) for q in (p, 1.0 - p) if q > 0)
