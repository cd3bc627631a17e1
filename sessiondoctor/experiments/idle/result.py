"""What an idle ladder found, as data: for the text, for JSON, for the exit code."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import ExitCode
from sessiondoctor.experiments.idle.ages import SHORTEST_S, Span, known_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.experiments.idle.declared import Declared
    from sessiondoctor.experiments.idle.ladder import Progress

SCHEMA = "sessiondoctor-idle/1"
AFFINITY = "affinity"
"""What it is called where no cookie is known for it."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LITTLE_LONGER = 1.02


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that ends.

    Attributes:
        at: when, in words.
        kept_s: it was still there at this age.
        lost_s: it was gone at this age; infinite if no end was found.
        renewed: whether use renews it; None if that is not known.
        note: whose documented default that is, or why nothing can be told.
    """

    what: str
    at: str
    kept_s: float
    lost_s: float
    renewed: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """All rows, and what does not fit together."""

    target: str
    up_to_s: float
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]
    complete: bool
    readings: dict[str, list[list[float | bool | None]]] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """1 where something ends before it should; 3 where the end of sessions is not known."""
        if self.warnings:
            return ExitCode.FAULT
        told = self.rows[0].lost_s < math.inf or self.rows[0].kept_s > 0
        return ExitCode.CLEAR if told else ExitCode.UNSEEN

    def document(self) -> dict[str, Any]:
        """As JSON."""
        rows = [
            {
                "what": row.what,
                "kept_s": row.kept_s,
                "lost_s": None if row.lost_s == math.inf else row.lost_s,
                "renewed_by_use": row.renewed,
                "note": row.note,
            }
            for row in self.rows
        ]
        return {
            "schema": SCHEMA, "target": self.target, "up_to_s": self.up_to_s, "complete": self.complete,
            "ends": rows, "readings": self.readings, "warnings": list(self.warnings),
        }  # fmt: skip


def result_of(
    target: str, progress: Progress, declared: Iterable[Declared], *, idle_timeout_s: float | None, affinity: str
) -> Result:
    """Sums up a run; `affinity` names the cookies that keep a client on its node."""
    rows = [_measured("session", progress.span("session"), progress.renewed.get("session"), progress)]
    rows.append(_measured(affinity, progress.span("affinity"), progress.renewed.get("affinity"), progress))
    rows += [_said(one) for one in declared]
    warnings = tuple(_warnings(rows[0], rows[1], rows[2:], idle_timeout_s))
    readings: dict[str, list[list[float | bool | None]]] = {
        part: [[one.age_s, one.kept] for one in sorted(progress.readings[part], key=lambda one: one.age_s)]
        for part in progress.readings
    }
    return Result(target, progress.up_to_s, tuple(rows), warnings, not progress.interrupted, readings)


def duration(seconds: float) -> str:
    """Seconds in the largest units that fit: `38.5 s`, `24 min`, `14 days`."""
    for unit, name in ((_DAY, "days"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds:.3g} s"


def _measured(what: str, span: Span, renewed: bool | None, progress: Progress) -> Row:  # noqa: FBT001 - three values
    note = known_as(span)
    match span.kind:
        case "ends" if what == AFFINITY and span.kept_s < SHORTEST_S:
            return Row(what, "there is none", 0.0, 0.0, None, "clients move from the start")
        case "ends":
            at = f"{duration(span.kept_s)} to {duration(span.lost_s)}"
        case "lasts":
            at = f"not within {duration(span.kept_s)}"
        case "unclear":
            at = "at no certain age"
            note = f"lost at {duration(span.lost_s)}, and kept at {duration(span.kept_s)}: it is not age that decides"
        case _:
            at = "cannot be told"
            note = next(iter(progress.troubles), "") or _why_unknown(what)
    lost = span.lost_s if span.kind == "ends" else math.inf
    return Row(what, at, span.kept_s, lost, renewed, note)


def _why_unknown(what: str) -> str:
    if what == "session":
        return "declare site.flow: write and read, or login and logged_in"
    return "no response says for certain which node gave it: declare site.flow.node"


def _said(one: Declared) -> Row:
    if one.seconds is None:
        return Row(one.what, one.by if one.by != "TTL after the write" else "never", 0.0, math.inf, one.renewed)
    return Row(one.what, duration(one.seconds), one.seconds, one.seconds, one.renewed, one.by)


def _warnings(session: Row, affinity: Row, said: list[Row], idle_timeout_s: float | None) -> Iterator[str]:
    if idle_timeout_s and session.lost_s < idle_timeout_s:
        yield f"the session ends after {session.at}, before site.idle_timeout ({duration(idle_timeout_s)})"
    if 0 < affinity.lost_s < session.kept_s:
        yield f"the balancer forgets its client after {affinity.at}, while the session lives on"
    for row in said:
        ends_first = row.lost_s * _LITTLE_LONGER < session.kept_s
        if ends_first and row.renewed is not True and row.what.startswith(("cookie", "token")):
            yield f"{row.what} ends after {row.at}, while the session on the server lives on"
