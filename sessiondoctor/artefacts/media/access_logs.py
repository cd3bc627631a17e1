"""Access logs: what `sessiondoctor.logs.access` counts; their lines are read as those of other logs, too."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.media import Format, Match
from sessiondoctor.artefacts.media.logs import content_of, head_of, log_of, name_of
from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.evidence.gathered import Piece
from sessiondoctor.evidence.logs import Log
from sessiondoctor.logs.access.counting import count
from sessiondoctor.logs.access.engines.table import RequestTable, totals
from sessiondoctor.logs.access.formats import guess, of_log_format
from sessiondoctor.logs.access.summary import summary
from sessiondoctor.logs.finder import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.artefacts.media import Given
    from sessiondoctor.artefacts.source import Source
    from sessiondoctor.logs.access.formats import AccessFormat

EVIDENCE = (AccessLog, Log)
FORMATS = (
    Format("access-log", "Access log, whichever of these it is"),
    Format("access-log-common", "Access log of nginx, Apache httpd, Tomcat, Traefik: common log format and more"),
    Format("access-log-haproxy", "Access log of HAProxy (option httplog)"),
    Format("access-log-envoy", "Access log of Envoy or Istio"),
    Format("access-log-json", "Access log as JSON lines: Traefik, Caddy, Envoy, nginx"),
    Format("access-log-aws-alb", "Access log of AWS Application Load Balancer"),
    Format("access-log-aws-clb", "Access log of AWS Classic Load Balancer"),
    Format("access-log-cloudfront", "Access log of CloudFront (W3C, tabs)"),
    Format("access-log-w3c", "W3C extended log of IIS and others"),
)
_KNOWN = 80


def recognise(source: Source) -> Match | None:
    """By its lines, if they name sessions or nodes."""
    found = guess(head_of(source).encode().splitlines())
    if found is None or not (found.names_sessions or found.names_nodes):
        return None
    return Match(source, f"access-log-{found.name}", _KNOWN)


def gather(matched: Sequence[Match], given: Given) -> Iterator[Piece]:
    """One `AccessLog` for each source, and what its lines prove."""
    finder = Finder(tuple(given.catalogue.signatures.values())) if matched else None
    for match in takewhile(lambda _: not given.stopped(), matched):
        yield _counted(match.source, given)
        if finder:
            yield log_of(match.source, finder, given)
    if given.access.table and not given.stopped():
        for secret in given.access.table.secrets:
            given.redactor.tell(secret, "password")
        yield _asked(given.access.table)


def _asked(table: RequestTable) -> Piece:
    """What the user's own table says."""
    log = AccessLog(table.shown, table.shown, named=True, format=table.dialect, cookie=table.columns["session"])
    try:
        found = summary(totals(table), log)
    except Unavailable as trouble:
        return Piece(AccessLog, log.subject, unavailable=trouble.reason, hint=trouble.hint)
    return Piece(AccessLog, log.subject, replace(found, lines=sum(found.statuses.values())))


def _counted(source: Source, given: Given) -> Piece:
    name, named = name_of(source), source.owner not in {"", source.name}
    log = AccessLog(source.owner if named else name, name, named)
    form = _format(source, given)
    if form is None:
        hint = "say it with --log-format, as in nginx's configuration"
        return Piece(AccessLog, log.subject, unavailable=f"the format of {name} is not known", hint=hint)
    try:
        with content_of(source) as whole:
            content = takewhile(lambda _: not given.stopped(), whole)
            tell = partial(given.access.tell, source.name)
            return Piece(AccessLog, log.subject, count(content, form, log, tell, given.access.engine))
    except Unavailable as trouble:
        return Piece(AccessLog, log.subject, unavailable=trouble.reason, hint=trouble.hint)


def _format(source: Source, given: Given) -> AccessFormat | None:
    cookie = given.topology.site.session_cookie
    if not given.access.log_format:
        found = guess(head_of(source).encode().splitlines(), cookie)
        wanted = source.wanted.removeprefix("access-log").removeprefix("-")
        return found if found and wanted in {"", found.name} else None
    try:
        return of_log_format(given.access.log_format, cookie)
    except ValueError as error:
        raise UsageError(f"--log-format: {error}") from None
