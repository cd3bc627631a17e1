"""Which causes are stated, what speaks for and against each, where it is, and what is folded under it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.posterior import likelihood
from sessiondoctor.model import Because, Status
from sessiondoctor.topology.store_kinds import kind_of_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.diagnosis.observation import Observation
    from sessiondoctor.evidence.location import Location
    from sessiondoctor.pipeline.judge import Judged
    from sessiondoctor.topology.model import Topology

STATED = 0.5  # the answer
POSSIBLE = 0.01  # worth a line
TELLS = 0.8  # `often`: a failing check with this likelihood is what a piece of advice is about
_EQUAL = 0.05  # probabilities this close are ordered by severity
_BEARS = 0.4  # `sometimes`: a cause accounts for a finding it makes that likely
_SPEAKS = 0.1  # bits below which a finding says nothing either way
_BESIDE_REDIS = {"memcached": 0.25}  # where nobody says which store it is, how much rarer than the commonest kind


def hypotheses(causes: Iterable[Cause], topology: Topology, stack: str) -> tuple[Cause, ...]:
    """The causes that can be the answer: not advice, and possible on this stack, with these stores and this sharing.

    Two truths of one fact (no affinity, no shared store) carry disjoint `modes`, so that only the one that breaks
    what the user declared is a hypothesis; the other way out stands among the alternatives of its page. A store that
    is declared can fail however state is meant to be shared: its causes carry the mode `stored`. Where no store is
    declared, what only a rarer kind can have is less probable by as much.
    """
    modes = {topology.mode(), *(("stored",) if topology.stores else ())}
    faults = (cause for cause in causes if cause.role != "advice" and (not cause.modes or modes & set(cause.modes)))
    here = (cause for cause in faults if not (cause.stacks and stack) or stack in cause.stacks)
    kinds = {store.kind for store in topology.stores} | {kind_of_url(node.store_url) for node in topology.nodes} - {""}
    if kinds:
        return tuple(cause for cause in here if not cause.stores or kinds & cause.stores)
    return tuple(replace(cause, prior=cause.prior * _share(cause)) for cause in here)


def _share(cause: Cause) -> float:
    """How probable it is that the sessions are in a store that can have this fault, where no store is declared."""
    return max((_BESIDE_REDIS.get(kind, 1.0) for kind in cause.stores), default=1.0)


def explains_a_loss(cause: Cause, observations: Iterable[Observation], symptoms: Collection[str]) -> bool:
    """Whether this cause accounts for a failing observation: a loss that was seen, or a declared symptom."""
    seen = any(o.failed and o.loss and cause.findings.get(o.check, 0.0) >= _BEARS for o in observations)
    named = bool(set(cause.symptoms) & set(symptoms))
    return seen or (named and any(o.failed and cause.findings.get(o.check, 0.0) >= _BEARS for o in observations))


def accounted(causes: Iterable[Cause], checks: Iterable[str]) -> set[str]:
    """Those of the failed checks that one of these causes accounts for."""
    causes = tuple(causes)
    return {check for check in checks if any(cause.findings.get(check, 0.0) >= _BEARS for cause in causes)}


def stated(
    candidates: Mapping[str, float], causes: Mapping[str, Cause], observations: Sequence[Observation]
) -> tuple[str, ...]:
    """The causes to state as the answer, most probable first.

    Those with at least 0.5 that account for a failing observation which the ones before leave unexplained; where a
    loss was seen and none reaches 0.5, the smallest set that together does.
    """
    ranked = rank(candidates, causes)
    failed = {o.check for o in observations if o.failed}
    answer: list[str] = []
    for id_ in ranked:
        left = failed - accounted([causes[other] for other in answer], failed)
        if candidates[id_] >= STATED and accounted([causes[id_]], left):
            answer.append(id_)
    return tuple(answer or (_together(ranked, candidates) if any(o.failed and o.loss for o in observations) else ()))


def _together(ranked: Sequence[str], candidates: Mapping[str, float]) -> Sequence[str]:
    for count in range(1, len(ranked) + 1):
        if math.fsum(candidates[id_] for id_ in ranked[:count]) >= STATED:
            return ranked[:count]
    return ()


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
    cause: Cause, judged: Iterable[Judged], observations: Iterable[Observation]
) -> tuple[tuple[Because, ...], tuple[Because, ...]]:
    """The findings for and against a cause, each with its weight in bits, heaviest first."""
    bits = {o.check: math.log2(likelihood(o, (cause,)) / likelihood(o, ())) for o in observations}
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


def where(cause: Cause, judged: Iterable[Judged], topology: Topology) -> tuple[str, ...]:
    """The components at fault: what the failing findings point at, weighted; else all of the cause's kind."""
    votes: Counter[str] = Counter()
    for one in judged:
        if one.finding.status is Status.FAIL:
            for name in one.where:
                votes[name] += round(100 * cause.findings.get(one.finding.check, 0.0))
    votes = +votes  # findings that this cause does not account for point nowhere
    nodes = {node.name for node in topology.nodes}
    if nodes and nodes < votes.keys():  # every node points at none of them
        votes = Counter({name: count for name, count in votes.items() if name not in nodes})
    most = max(votes.values(), default=0)
    pointed = tuple(sorted(name for name, count in votes.items() if count and count * 2 >= most))
    return pointed or _of_family(cause.family, topology)


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
