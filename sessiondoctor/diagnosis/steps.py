"""What to ask next: the unanswered check whose answer would tell most, in bits."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.likelihood import Sight
from sessiondoctor.diagnosis.observation import Observation
from sessiondoctor.diagnosis.snippets import paste_for
from sessiondoctor.model import NextStep, Status
from sessiondoctor.products.flow import account_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.diagnosis.posterior import Posterior
    from sessiondoctor.diagnosis.scene import Scene
    from sessiondoctor.pipeline.judge import Judged
    from sessiondoctor.topology.model import Topology

_MOST = 3
_NOTHING_TO_DO = {Status.NOT_APPLICABLE, Status.SKIPPED}  # their reason is no step: an interruption, a deadline
_LEAST_BITS = 0.01
_DISTURBS = "--allow disrupt"  # what disturbs users is no step that we propose
_STEP = re.compile(r"[;:] ((?:declare|ask for|correct|`--).*)")
_TAIL = 80  # hypotheses beyond the most probable ones change no digit of the gain


def next_steps(judged: Iterable[Judged], posterior: Posterior, topology: Topology) -> tuple[NextStep, ...]:
    """The checks that could not be answered and can be made to, best first; one step for each thing to do.

    Of equals, what was declared and did not answer comes before what could be declared as well.
    """
    answered = {one.check.id for one in judged if one.finding.status in {Status.PASS, Status.FAIL}}
    steps: dict[str, NextStep] = {}
    silent: set[str] = set()
    gains: dict[str, float] = {}
    for one in judged:
        how = one.hint or (_step_in(one) if one.finding.status not in _NOTHING_TO_DO else "")
        if one.check.id in answered or not how or one.check.role == "hygiene" or _DISTURBS in how:
            continue
        if one.silent and not one.hint:
            silent.add(how)
        gain = gains.get(one.check.id)
        if gain is None:
            gain = gains[one.check.id] = gain_bits(one.check, posterior)
        if gain >= _LEAST_BITS and gain > getattr(steps.get(how), "gain_bits", 0.0):
            steps[how] = NextStep(one.check.id, round(gain, 2), how, paste_for(how, topology))
    return tuple(sorted(steps.values(), key=lambda step: (-step.gain_bits, step.how not in silent, step.check))[:_MOST])


def _step_in(one: Judged) -> str:
    """What an unanswered check asks for: what did not answer is to be looked at; else the words after its reason."""
    if one.silent:
        return one.finding.reason
    found = _STEP.search(one.finding.reason)
    return found[1] if found else ""


def product_first(steps: tuple[NextStep, ...], scene: Scene) -> tuple[NextStep, ...]:
    """First of all what a known product needs the same everywhere, then how somebody signs in to it.

    Only where nothing else shows whether a session is kept.
    """
    flow, product = scene.topology.site.flow, scene.product
    if not product or flow.write or flow.login:
        return steps
    best = max((step.gain_bits for step in steps), default=0.0)
    first: list[NextStep] = []
    if product.equal:
        how = f"compare on all nodes what {product.title} needs the same: {product.needed()}"
        first.append(NextStep("secrets-differ", best, how))
    if product.account:
        how = f"declare below `site:` how a throw-away account signs in to {product.title}"
        first.append(NextStep("state-lost-between-requests", best, how, account_text(product)))
    others = (step for step in steps if not product.account or "site.flow" not in step.how)
    return (*first, *others)[:_MOST]


def gain_bits(check: Check, posterior: Posterior) -> float:
    """The expected drop of entropy over the hypotheses when this check gets its answer: mutual information."""
    fails = [(p, _fails(check, spoken, posterior)) for spoken, p in _by_what_is_said(check, posterior).items()]
    total = math.fsum(p for p, _ in fails)
    p_fail = math.fsum(p * q for p, q in fails) / total
    return _entropy(p_fail) - math.fsum(p * _entropy(q) for p, q in fails) / total


Spoken = tuple[tuple["Cause", ...], bool]
"""The causes of a hypothesis whose pages speak of a check, and whether others of its causes are silent about it."""


def _by_what_is_said(check: Check, posterior: Posterior) -> dict[Spoken, float]:
    """The probability of all hypotheses that say the same of a check: most say nothing."""
    names = {check.id, check.shows}
    found: dict[Spoken, float] = {}
    for hypothesis, p in posterior.hypotheses[:_TAIL]:
        spoken = tuple(cause for cause in hypothesis if not names.isdisjoint(cause.findings))
        key = spoken, len(spoken) < len(hypothesis)
        found[key] = found.get(key, 0.0) + p
    return found


def _fails(check: Check, spoken: Spoken, posterior: Posterior) -> float:
    """The probability that the check would fail when these causes are present."""
    seen = Observation(check.id, failed=True, alarm=check.false_alarm, power=1.0, loss=False, fact=check.shows)
    causes, silent = spoken
    return posterior.likelihood.of(Sight(check.shows, (seen,)), causes, silent=silent)


def _entropy(p: float) -> float:
    return -math.fsum(q * math.log2(q) for q in (p, 1.0 - p) if q > 0)
