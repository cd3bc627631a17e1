"""Two reports compared: what is new, what is gone, what is the same; for bundles also what has changed between them."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.model import Status
from sessiondoctor.outcome.changes import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.model import Finding, Report, Severity

SCHEMA = "sessiondoctor-diff/1"


@dataclass(frozen=True, slots=True)
class Line:
    """A cause or a failed check, where it is, and what is said of it."""

    id: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """From an old report to a new one.

    Attributes:
        new, gone, same: stated causes.
        worse, better: failed checks of the one only.
        changes: what differs of what must survive; none between plain reports.
    """

    old: str
    new_: str
    new: tuple[Line, ...]
    gone: tuple[Line, ...]
    same: tuple[Line, ...]
    worse: tuple[Line, ...]
    better: tuple[Line, ...]
    changes: tuple[Change, ...] = ()


def difference(old: Report, new: Report, changes: tuple[Change, ...] = ()) -> Difference:
    """Compares causes by id, and failed checks by their fingerprints."""
    before, after = _causes(old), _causes(new)
    failed, failing = _failed(old), _failed(new)
    return Difference(
        old=old.started_at,
        new_=new.started_at,
        new=tuple(line for id_, line in after.items() if id_ not in before),
        gone=tuple(line for id_, line in before.items() if id_ not in after),
        same=tuple(line for id_, line in after.items() if id_ in before),
        worse=tuple(line for mark, line in failing.items() if mark not in failed),
        better=tuple(line for mark, line in failed.items() if mark not in failing),
        changes=changes,
    )


def is_worse(found: Difference, severities: Mapping[str, Severity], fail_on: Severity | None) -> bool:
    """Whether a new cause, or one that a change names, is at or above a severity."""
    causes = {line.id for line in found.new} | {change.cause for change in found.changes}
    return any(fail_on and id_ in severities and severities[id_].rank <= fail_on.rank for id_ in causes)


def counted_anew(old: Report, new: Report) -> tuple[Severity, ...]:
    """How bad those failed checks are that count in the new report and did not fail in the old one.

    Such as a loss that no known cause accounts for.
    """
    failed = _failed(old)
    anew = (one for one in new.findings if one.status is Status.FAIL and one.fingerprint not in failed)
    return tuple(one.severity for one in anew if one.fingerprint in (new.counts or ()))


def as_json(found: Difference) -> str:
    """Everything, for programs."""
    document = {"schema": SCHEMA, **dataclasses.asdict(found)}
    document["compared"] = {"old": document.pop("old"), "new": document.pop("new_")}
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def as_text(found: Difference) -> str:
    """For people."""
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Difference) -> Iterator[str]:
    yield f"From {found.old} to {found.new_}:"
    parts = (
        ("New", found.new), ("Gone", found.gone), ("As before", found.same),
        ("Fails now", found.worse), ("Fails no longer", found.better),
    )  # fmt: skip
    for title, lines in parts:
        yield from _part(title, lines)
    if found.changes:
        yield ""
        yield "Changed between the two"
        for change in found.changes:
            cause = f"  ({change.cause})" if change.cause else ""
            yield f"  {change.what}: {change.before or 'none'} -> {change.after or 'none'}{cause}"
    if not (found.new or found.gone or found.worse or found.better or found.changes):
        yield "nothing has changed"


def _part(title: str, lines: Iterable[Line]) -> Iterator[str]:
    lines = tuple(lines)
    if lines:
        yield ""
        yield title
        yield from (f"  {line.id}{f' {line.subject}' if line.subject else ''}: {line.text}" for line in lines)


def _causes(report: Report) -> dict[str, Line]:
    return {one.cause: Line(one.cause, ", ".join(one.where), one.title) for one in report.diagnosis}


def _failed(report: Report) -> dict[str, Line]:
    return {one.fingerprint: _line(one) for one in report.findings if one.status is Status.FAIL}


def _line(finding: Finding) -> Line:
    return Line(finding.check, "" if finding.subject == "site" else finding.subject, finding.summary)
