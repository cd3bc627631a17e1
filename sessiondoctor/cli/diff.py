"""`sessiondoctor diff`: two reports or two bundles."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from sessiondoctor.catalogue.loader import Catalogue
    from sessiondoctor.model import Report
    from sessiondoctor.outcome.bundle import Bundle
    from sessiondoctor.outcome.changes import Change


class Format(StrEnum):
    """How to show it."""

    TEXT = "text"
    JSON = "json"


Old = Annotated[Path, typer.Argument(metavar="OLD", help="The earlier JSON report or bundle.", show_default=False)]
New = Annotated[Path, typer.Argument(metavar="NEW", help="The later one.", show_default=False)]


@o.takes("fail_on", "packs")
def diff(
    job: o.Job,
    old: Old,
    new: New,
    form: Annotated[Format, typer.Option("--format", "-f", metavar="FORMAT", help="text or json.")] = Format.TEXT,
) -> None:
    """Compare two reports or two bundles: what is new, gone, the same.

    Bundles of before and after a deploy or a restart also tell what changed that sessions must survive: keys, prefixes,
    formats, class versions, routes, cookies, what the store holds.

    Exit codes: 0 nothing new at or above --fail-on; 1 something; 2 a mistake on the command line or in a file.
    """
    from sessiondoctor.cli.documents.output import show
    from sessiondoctor.model import Severity
    from sessiondoctor.outcome.diff import as_json, as_text, counted_anew, difference, is_worse

    catalogue = o.catalogue_of(job.packs)
    (before, was), (after, now) = _read(old, catalogue), _read(new, catalogue)
    found = difference(before, after, _changes(was, now) if was and now else ())
    show(as_json(found) if form is Format.JSON else as_text(found))
    severities = {cause.id: cause.severity for cause in catalogue.causes.values()}
    limit = None if job.fail_on is o.FailOn.NEVER else Severity(job.fail_on)
    lost = any(limit and severity.rank <= limit.rank for severity in counted_anew(before, after))
    raise typer.Exit(1 if lost or is_worse(found, severities, limit) else 0)


def _changes(old: Bundle, new: Bundle) -> tuple[Change, ...]:
    from sessiondoctor.outcome.changes import changes
    from sessiondoctor.pipeline.bundles import started_of

    apart_s = (started_of(new) - started_of(old)).total_seconds()
    return changes(old.gathered, new.gathered, apart_s, comparable=bool(old.mark) and old.mark == new.mark)


def _read(file: Path, catalogue: Catalogue) -> tuple[Report, Bundle | None]:
    """A report, and the bundle that it was made of if it was.

    Raises:
        UsageError: the file is neither.
    """
    from sessiondoctor.artefacts.source import HEAD, Source
    from sessiondoctor.errors import UsageError
    from sessiondoctor.outcome.bundle import LARGEST, is_bundle, unpack
    from sessiondoctor.pipeline.offline import judge_bundle
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.report.reader import read_report
    from sessiondoctor.topology.model import nowhere

    source = Source(str(file), path=file)
    try:
        if not is_bundle(source.read(HEAD)):
            return read_report(file), None
        content = source.read(LARGEST)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    order = Order(nowhere(), catalogue, tuple(catalogue.checks.values()))
    return judge_bundle(order, source, ()), unpack(content, str(file))
