"""Signatures as checks: what a log shows is a finding like any other, and moves the same causes.

Only signatures that were found become checks. That a line is not in a log says next to nothing: the log may be short,
of another level, of another day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sessiondoctor.api import Problem
from sessiondoctor.catalogue.check_files import Check, Need
from sessiondoctor.evidence.location import Location
from sessiondoctor.evidence.logs import Hit, Log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.api import Verdicts
    from sessiondoctor.catalogue.loader import Catalogue, Cause
    from sessiondoctor.catalogue.signatures import Signature
    from sessiondoctor.evidence.gathered import Gathered

_NAMES = 0.4  # `sometimes`: a line with this likelihood names the cause


def found_in(gathered: Gathered, catalogue: Catalogue) -> tuple[Signature, ...]:
    """The signatures that the logs of this evidence show; without logs none is even loaded."""
    logs = (piece.value for piece in gathered.of(Log) if piece.value)
    ids = sorted({hit.signature for log in logs for hit in log.hits})
    return tuple(catalogue.signatures[id_] for id_ in ids if id_ in catalogue.signatures) if ids else ()


def checks_of(signatures: Iterable[Signature], causes: Mapping[str, Cause]) -> tuple[Check, ...]:
    """A check for each signature, of the family of its likeliest cause."""
    return tuple(_check(signature, causes[max(signature.causes, key=signature.causes.__getitem__)].family)
                 for signature in signatures)  # fmt: skip


def with_lines(causes: Mapping[str, Cause], signatures: Iterable[Signature]) -> Mapping[str, Cause]:
    """The causes, knowing how likely they put these lines into a log.

    A cause that only lines can tell is none where none of them was found. What a line names can be the answer whatever
    else is declared: the line has told the stack, the store and the way in which sessions are shared.
    """
    signatures = tuple(signatures)
    told = {id_: _told(cause, signatures) for id_, cause in causes.items()}
    return {id_: cause for id_, cause in told.items() if cause.findings}


def _told(cause: Cause, signatures: Iterable[Signature]) -> Cause:
    lines = {one.id: one.causes[cause.id] for one in signatures if cause.id in one.causes}
    if not lines:
        return cause
    told = replace(
        cause,
        findings=cause.findings | lines,
        ways=tuple(way | lines for way in cause.ways),
    )
    losses = any(one.role == "loss" and one.causes.get(cause.id, 0.0) >= _NAMES for one in signatures)
    named = any(one.role != "hygiene" and one.causes.get(cause.id, 0.0) >= _NAMES for one in signatures)
    told = replace(told, modes=(), requires=(), stacks=frozenset(), stores=frozenset()) if named else told
    return replace(told, role="fault") if losses and cause.role == "advice" else told


def _check(signature: Signature, family: str) -> Check:
    def judge(logs: tuple[Log, ...]) -> Verdicts:
        for log in logs:
            for hit in log.hits:
                if hit.signature == signature.id:
                    yield _problem(signature, log, hit)

    return Check(
        id=signature.id,
        family=family,
        title=signature.title,
        doc=f"A line in a log of {signature.product}.",
        severity=signature.severity,
        role=signature.role,
        false_alarm=signature.alarm,
        survival=False,
        needs=(Need("logs", Log, many=True, optional=False),),
        judge=judge,
        path=signature.path,
    )


def _problem(signature: Signature, log: Log, hit: Hit) -> Problem:
    return Problem(
        f"{signature.title}{_of(hit)} ({_times(hit)})",
        subject=log.subject,
        where=(log.subject,) if log.named else (),
        seen=_seen(log, hit),
        at=Location(log.file, hit.line),
    )


def _of(hit: Hit) -> str:
    """What the lines carry, the first of each."""
    told = [f"{name.replace('_', ' ')} {', '.join(values[:2])}" for name, values in hit.fields.items()]
    return f": {'; '.join(told[:3])}" if told else ""


def _times(hit: Hit) -> str:
    times = "once" if hit.count == 1 else f"{hit.count:,} times"
    if hit.first_at is None or hit.last_at is None:
        return times
    first, last = _moment(hit.first_at), _moment(hit.last_at)
    return f"{times}, {first}" if first == last else f"{times}, {first} to {last}"


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def _seen(log: Log, hit: Hit) -> dict[str, object]:
    seen: dict[str, object] = {"file": log.file, "line": hit.line, "count": hit.count, "quote": hit.quote}
    if hit.before or hit.after:
        seen["context"] = [*hit.before, hit.quote, *hit.after]
    if hit.fields:
        seen["fields"] = {name: list(values) for name, values in hit.fields.items()}
    if hit.when:
        seen["histogram"] = {"title": f"lines in {log.file}: {hit.signature}", "bars": list(_bars(hit))}
    return seen


def _bars(hit: Hit) -> Iterator[dict[str, object]]:
    first, last = hit.first_at or 0.0, hit.last_at or 0.0
    for number, count in enumerate(hit.when):
        yield {"label": f"from {_moment(first + (last - first) * number / len(hit.when))}", "count": count}
