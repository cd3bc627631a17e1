"""From evidence to findings: runs checks, and never lets "could not look" become a pass."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Unknown
from sessiondoctor.catalogue.bounded import EndlessError
from sessiondoctor.catalogue.check_files import Check
from sessiondoctor.errors import CatalogueError, trace_of
from sessiondoctor.evidence.emptiness import is_empty
from sessiondoctor.evidence.gathered import Piece
from sessiondoctor.evidence.location import Location
from sessiondoctor.model import Confidence, Finding, Status
from sessiondoctor.pipeline.guarded import verdicts_of
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.catalogue.check_files import Need
    from sessiondoctor.evidence.gathered import Gathered


_WITHOUT_WORDS = {
    Status.PASS: "this was looked for and not found: {title}",
    Status.FAIL: "{title}",
    Status.INCONCLUSIVE: "could not tell: {title}",
    Status.NOT_APPLICABLE: "does not apply: {title}",
    Status.ERROR: "could not tell: {title}",
    Status.SKIPPED: "could not tell: {title}",
}
"""The summary of a finding whose check says nothing itself. Only a failure states the fault."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with what the diagnosis needs beside it.

    Attributes:
        where: components at fault, as far as the check can tell.
        chance: how likely a failure is although nothing is wrong (statistical evidence).
        power: how likely the fault would have shown (for a pass).
        hint: what the user can declare or do so that the check gets its answer.
        silent: whether what the check needs was declared and gave no answer.
    """

    check: Check
    finding: Finding
    where: tuple[str, ...] = ()
    chance: float = 0.0
    power: float = 1.0
    hint: str = ""
    silent: bool = False


def judge_all(checks: Iterable[Check], gathered: Gathered, topology: Topology) -> tuple[Judged, ...]:
    """Every check's findings, in the order of the checks."""
    return tuple(judged for check in checks for judged in judge(check, gathered, topology))


def judge(check: Check, gathered: Gathered, topology: Topology) -> tuple[Judged, ...]:
    """One check's findings: one for each subject it spoke of, and one for each piece it had to do without."""
    arguments, missing = _arguments(check, gathered, topology)
    if any(need.name not in arguments for need in check.needs):
        return tuple(_hole(check, piece) for piece in _most_telling(missing))
    holes = (_hole(check, piece) for piece in missing if not piece.absent)
    return (*_run(check, arguments, topology), *holes)


def _arguments(check: Check, gathered: Gathered, topology: Topology) -> tuple[dict[str, Any], tuple[Piece, ...]]:
    arguments: dict[str, Any] = {}
    missing: list[Piece] = []
    for need in check.needs:
        if need.evidence is Topology:
            arguments[need.name] = topology
            continue
        pieces = gathered.of(need.evidence)
        values = tuple(piece.value for piece in pieces if piece.value is not None)
        holes = [piece for piece in pieces if piece.value is None]
        arguments.update(_bound(need, values))
        if need.name not in arguments or (need.many and not need.optional):
            missing += holes or ([] if pieces else [_uncollected(need)])
    return arguments, tuple(missing)


def _bound(need: Need, values: tuple[Any, ...]) -> dict[str, Any]:
    if need.many:
        return {need.name: values} if values or need.optional else {}
    if values:
        return {need.name: values[0]}
    return {need.name: None} if need.optional else {}


def _uncollected(need: Need) -> Piece:
    return Piece(need.evidence, "site", unavailable=f"{need.evidence.__name__} was not collected")


def _most_telling(missing: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """A kind of component of which none is declared explains the rest; otherwise whatever could not be looked at."""
    for kind in dict.fromkeys(piece.kind for piece in missing):
        pieces = tuple(piece for piece in missing if piece.kind is kind)
        if all(piece.absent for piece in pieces):
            return pieces[:1]
    return tuple(piece for piece in missing if not piece.absent)


def _hole(check: Check, piece: Piece) -> Judged:
    if piece.crash:
        return _finding(check, Status.ERROR, piece.subject, reason="the probe failed; this is a bug",
                        seen={"trace": piece.crash})  # fmt: skip
    if piece.absent:
        return _finding(check, Status.NOT_APPLICABLE, piece.subject, reason=piece.absent, hint=piece.hint)
    if piece.skipped:
        return _finding(check, Status.SKIPPED, piece.subject, reason=piece.skipped)
    reason = piece.unavailable or "the probe gave no answer"
    return replace(_finding(check, Status.INCONCLUSIVE, piece.subject, reason=reason, hint=piece.hint), silent=True)


def _run(check: Check, arguments: dict[str, Any], topology: Topology) -> tuple[Judged, ...]:
    answers: list[Judged] = []
    try:
        verdicts_of(check, arguments, lambda verdict: answers.append(_judged(check, verdict, topology)))
    except NotApplicable as answer:
        end = _finding(check, Status.NOT_APPLICABLE, "site", reason=answer.reason, hint=answer.hint)
    except Inconclusive as answer:
        end = _finding(check, Status.INCONCLUSIVE, "site", reason=answer.reason)
    except CatalogueError as error:
        end = _finding(check, Status.ERROR, "site", reason=str(error))
    except EndlessError as error:
        end = _finding(check, Status.ERROR, "site", reason=f"the check does not come to an end: {error}")
    except Exception as error:  # noqa: BLE001 - a check that crashes must not stop the others
        end = _nothing_seen(check) if _all_empty(check, arguments) else _crashed(check, error)
    else:
        answers = answers or [_judged(check, Fine(), topology)]
        return tuple(_unless_empty(one, arguments) for one in answers)
    return (*_failures(answers), end)


def _unless_empty(one: Judged, arguments: dict[str, Any]) -> Judged:
    """A check may not pass on evidence in which there is nothing: nothing was looked at."""
    if one.finding.status is not Status.PASS or not _all_empty(one.check, arguments):
        return one
    return _nothing_seen(one.check, one.finding.subject)


def _all_empty(check: Check, arguments: dict[str, Any]) -> bool:
    """Whether there is nothing in any piece that a check cannot do without; a topology is none, alone it is enough."""
    needs = [need for need in check.needs if need.evidence is not Topology]
    vital = [need for need in needs if not need.optional] or needs
    given = [arguments[need.name] for need in vital if arguments.get(need.name) is not None]
    pieces = [piece for value in given for piece in (value if isinstance(value, tuple) else (value,))]
    return bool(pieces) and all(map(is_empty, pieces))


def _nothing_seen(check: Check, subject: str = "site") -> Judged:
    reason = "there was nothing to look at: no request, session or server was seen in which this could show"
    return _finding(check, Status.INCONCLUSIVE, subject, reason=reason)


def _crashed(check: Check, error: Exception) -> Judged:
    reason, trace = "the check failed; this is a bug", {"trace": trace_of(error)}
    return _finding(check, Status.ERROR, "site", reason=reason, seen=trace)


def _failures(answers: Iterable[Judged]) -> tuple[Judged, ...]:
    """What a check that did not come to its end has shown until then: its passes would be premature."""
    return tuple(one for one in answers if one.finding.status is Status.FAIL)


def _judged(check: Check, verdict: Problem | Fine | Unknown, topology: Topology) -> Judged:
    if isinstance(verdict, Unknown):
        return _finding(check, Status.INCONCLUSIVE, verdict.subject, reason=verdict.reason, seen=verdict.seen)
    if isinstance(verdict, Fine):
        return _finding(check, Status.PASS, verdict.subject, verdict.summary, seen=verdict.seen, power=verdict.power)
    return _finding(
        check, Status.FAIL, verdict.subject, verdict.summary,
        seen=verdict.seen, at=_location(verdict.at, topology), where=verdict.where,
        chance=verdict.chance, confidence=verdict.confidence, detail=verdict.detail,
    )  # fmt: skip


def _finding(
    check: Check,
    status: Status,
    subject: str,
    summary: str = "",
    *,
    reason: str = "",
    hint: str = "",
    seen: dict[str, Any] | None = None,
    at: Location | None = None,
    where: tuple[str, ...] = (),
    chance: float = 0.0,
    power: float = 1.0,
    confidence: Confidence = Confidence.FIRM,
    detail: str = "",
) -> Judged:
    finding = Finding(
        check=check.id,
        family=check.family,
        status=status,
        severity=check.severity,
        confidence=confidence,
        subject=subject,
        summary=summary or _WITHOUT_WORDS[status].format(title=check.title),
        seen=seen or {},
        reason=f"{reason}; {hint}" if hint else reason,
        at=at,
        fingerprint=_fingerprint(check.id, subject, *((detail,) if detail else ())),
    )
    return Judged(check, finding, where, chance, power, hint)


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _location(at: Location | tuple[str | int, ...] | None, topology: Topology) -> Location | None:
    if isinstance(at, Location):
        return at
    told = next((one for one in topology.configured if one.path == at and not one.declared), None)
    if told:
        return Location(told.file, told.line)
    return Location(topology.file, topology.line(*at)) if at and topology.file else None
