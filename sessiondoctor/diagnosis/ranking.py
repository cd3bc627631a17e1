"""Which causes are stated, what speaks for and against each, where it is, and what is folded under it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.likelihood import sights
from sessiondoctor.diagnosis.preconditions import PRECONDITIONS
from sessiondoctor.model import STATED, Because, Status
from sessiondoctor.topology.store_kinds import kind_of_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.diagnosis.likelihood import Likelihood
    from sessiondoctor.diagnosis.observation import Observation
    from sessiondoctor.diagnosis.preconditions import Answer
    from sessiondoctor.diagnosis.scene import Scene
    from sessiondoctor.evidence.location import Location
    from sessiondoctor.pipeline.judge import Judged
    from sessiondoctor.topology.model import Topology

POSSIBLE = 0.01  # worth a line
ADVISED_FROM = 0.7  # `often`, as a check sees it: a piece of advice is about such a failing check
_CANDIDATES = 3  # as many as one person can weigh at a time
_WORTH_NAMING = 0.05
_IF_UNKNOWN = 0.3  # how much rarer a cause is where it is not known whether what it needs is there; its stack, too
_CONTRADICTED = 0.2  # of 12 public reports of sites meant to be sticky, one had no affinity at all
_EQUAL = 0.05  # probabilities this close are ordered by severity
_BEARS = 0.35  # `sometimes`, as a check sees it: a cause accounts for a finding it makes that likely
_POINTS = 0.05  # findings that a cause does not make likelier than that point nowhere
_SPEAKS = 0.1  # bits below which a finding says nothing either way
_BESIDE_REDIS = {"memcached": 0.25}  # where nobody says which store it is, how much rarer than the commonest kind


def hypotheses(causes: Iterable[Cause], scene: Scene) -> tuple[Cause, ...]:
    """The causes that can be the answer: not advice, and possible with what is there.

    Two truths of one fact (no affinity, no shared store) carry disjoint `modes`, so that only the one that breaks
    what the user declared is a hypothesis; the other way out stands among the alternatives of its page. A store that
    is declared can fail however state is meant to be shared: its causes carry the mode `stored`. Where no store is
    declared, what only a rarer kind can have is less probable by as much.
    """
    topology, stack = scene.topology, scene.stack
    modes = scene.modes | ({"stored"} if topology.stores else set())
    faults = (cause for cause in causes if cause.role != "advice" and (not cause.modes or modes & set(cause.modes)))
    here = tuple(cause for cause in faults if not (cause.stacks and stack) or stack in cause.stacks)
    kinds = {store.kind for store in topology.stores} | {kind_of_url(node.store_url) for node in topology.nodes} - {""}
    if kinds:
        here = tuple(cause for cause in here if not cause.stores or kinds & cause.stores)
    else:
        here = tuple(replace(cause, prior=cause.prior * _share(cause)) for cause in here)
    return tuple(cause for cause in (_possible(cause, scene) for cause in here) if cause)


def required(cause: Cause, scene: Scene) -> dict[str, Answer]:
    """Whether each thing that the cause cannot be without is there."""
    return {name: PRECONDITIONS[name](scene) for name in cause.requires}


def _possible(cause: Cause, scene: Scene) -> Cause | None:
    """The cause, less probable where it is not known whether it can be, or is denied; None where it cannot be."""
    answers = set(required(cause, scene).values())
    if "no" in answers:
        return None
    stack_is_known = not cause.stacks or scene.stack or "other" in cause.stacks
    known = 1.0 if "unknown" not in answers and stack_is_known else _IF_UNKNOWN
    denied = _CONTRADICTED if scene.modes & set(cause.contradicts) else 1.0
    return replace(cause, prior=cause.prior * known * denied)


def _share(cause: Cause) -> float:
    """How probable it is that the sessions are in a store that can have this fault, where no store is declared."""
    return max((_BESIDE_REDIS.get(kind, 1.0) for kind in cause.stores), default=1.0)


def explains_a_loss(cause: Cause, observations: Iterable[Observation], symptoms: Collection[str]) -> bool:
    """Whether this cause accounts for a failing observation: a loss that was seen, or a declared symptom."""
    failed = [o for o in observations if o.failed and cause.expects(o.check, o.fact) >= _BEARS]
    named = bool(set(cause.symptoms) & set(symptoms))
    return any(o.loss for o in failed) or (named and bool(failed))


def accounted(causes: Iterable[Cause], failed: Mapping[str, str]) -> set[str]:
    """Those of the failed checks, each with the fact that it shows, that one of these causes accounts for."""
    causes = tuple(causes)
    return {check for check, fact in failed.items() if any(cause.expects(check, fact) >= _BEARS for cause in causes)}


def stated(
    candidates: Mapping[str, float], causes: Mapping[str, Cause], observations: Sequence[Observation]
) -> tuple[str, ...]:
    """The causes to state as the answer, most probable first.

    Those with at least 0.5 that account for a failing observation which the ones before leave unexplained; where a
    loss was seen and none reaches 0.5, the most probable ones, three at most: candidates, not the answer.
    """
    ranked = rank(candidates, causes)
    failed = {o.check: o.fact for o in observations if o.failed}
    answer: list[str] = []
    for id_ in ranked:
        told = accounted([causes[other] for other in answer], failed)
        left = {check: fact for check, fact in failed.items() if check not in told}
        if candidates[id_] >= STATED and accounted([causes[id_]], left):
            answer.append(id_)
    if answer or not any(o.failed and o.loss for o in observations):
        return tuple(answer)
    return tuple(id_ for id_ in ranked[:_CANDIDATES] if candidates[id_] >= _WORTH_NAMING)


def rank(candidates: Mapping[str, float], causes: Mapping[str, Cause]) -> list[str]:
    """Ids by probability; within 0.05 of the best of them the more severe comes first, then the more common.

    That is the same order in every scan, while probabilities this close change with the luck of a visit.
    """
    by_probability = sorted(candidates, key=lambda id_: (-candidates[id_], id_))
    groups: list[list[str]] = []
    for id_ in by_probability:
        if groups and candidates[groups[-1][0]] - candidates[id_] <= _EQUAL:
            groups[-1].append(id_)
        else:
            groups.append([id_])
    return [id_ for group in groups for id_ in sorted(group, key=lambda i: _standing(causes[i]))]


def _standing(cause: Cause) -> tuple[int, float, str]:
    return cause.severity.rank, -cause.prior, cause.id


def fold(
    answer: Sequence[str], candidates: Mapping[str, float], causes: Mapping[str, Cause]
) -> dict[str, tuple[str, ...]]:
    """Each stated cause with the causes folded under it: those its page explains and that are possible, too.

    A folded cause is not stated by itself, unless the two explain each other: then the first one stands.
    """
    kept: dict[str, tuple[str, ...]] = {}
    folded: set[str] = set()
    for id_ in answer:
        if id_ in folded:
            continue
        under = tuple(o for o in causes[id_].explains if candidates.get(o, 0.0) >= _EQUAL and o not in kept)
        folded.update(under)
        kept[id_] = under
    return {id_: under for id_, under in kept.items() if id_ not in folded}


def weigh(
    cause: Cause, judged: Iterable[Judged], observations: Iterable[Observation], likelihood: Likelihood
) -> tuple[tuple[Because, ...], tuple[Because, ...]]:
    """The findings for and against a cause, each with its weight in bits, heaviest first.

    The weight of a fact that several checks see is shared out among those that say the same.
    """
    bits = _bits(cause, observations, likelihood)
    failed = {o.check: o.failed for o in observations}
    pro: list[Because] = []
    contra: list[Because] = []
    for one in judged:
        finding = one.finding
        weight = bits.get(finding.check, 0.0)
        if abs(weight) < _SPEAKS or (finding.status is Status.FAIL) != failed[finding.check] or not _spoke(one):
            continue
        line = Because(finding.check, finding.subject, finding.summary, round(abs(weight), 1), finding.at)
        (pro if weight > 0 else contra).append(line)
    return _heaviest(pro), _heaviest(contra)


def _bits(cause: Cause, observations: Iterable[Observation], likelihood: Likelihood) -> dict[str, float]:
    bits: dict[str, float] = {}
    for sight in sights(observations):
        weight = math.log2(likelihood.of(sight, (cause,)) / likelihood.of(sight, ()))
        speaking = [o.check for o in sight.observations if o.failed == (weight > 0)] or [
            o.check for o in sight.observations
        ]
        bits |= dict.fromkeys(speaking, weight / len(speaking))
    return bits


def where(cause: Cause, judged: Iterable[Judged], topology: Topology) -> tuple[str, ...]:
    """The components at fault: what the failing findings point at, weighted; else all of the cause's kind."""
    nodes = {node.name for node in topology.nodes}
    pointing = [
        (one.where, expected)
        for one in judged
        if one.finding.status is Status.FAIL
        and one.where
        and (expected := cause.expects(one.check.id, one.check.shows)) >= _POINTS
    ]
    some = [(names, expected) for names, expected in pointing if not nodes <= set(names)]  # who names all says little
    votes: Counter[str] = Counter()
    for names, expected in some or pointing:
        votes.update(dict.fromkeys(names, round(100 * expected)))
    if nodes and nodes < votes.keys() and nodes <= _leading(votes):  # every node points at none of them
        votes = Counter({name: count for name, count in votes.items() if name not in nodes})
    return tuple(sorted(_leading(votes))) or _of_family(cause.family, topology)


def _leading(votes: Counter[str]) -> set[str]:
    """Those with half of the most votes at least."""
    most = max(votes.values(), default=0)
    return {name for name, count in votes.items() if count and count * 2 >= most}


def place(cause: Cause, judged: Iterable[Judged]) -> Location | None:
    """The line of a file that shows the cause best."""
    likely = cause.findings.get
    shown = [one.finding for one in judged if one.finding.status is Status.FAIL and one.finding.at]
    best = max(shown, key=lambda finding: likely(finding.check, 0.0), default=None)
    return best.at if best and likely(best.check, 0.0) >= _BEARS else None


def _of_family(family: str, topology: Topology) -> tuple[str, ...]:
    if family in {"affinity", "edge"}:
        return tuple(balancer.name for balancer in topology.load_balancers)
    if family == "store":
        return tuple(store.name for store in topology.stores)
    return ()


def _spoke(one: Judged) -> bool:
    return one.finding.status in {Status.FAIL, Status.PASS}


def _heaviest(lines: list[Because]) -> tuple[Because, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.weight, line.check, line.subject)))
