"""Access logs: what `sessiondoctor.logs.access` counts; their lines are read as those of other logs, too."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.media import Format, Match
from sessiondoctor.artefacts.media.logs import content_of, head_of, log_of
from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.evidence.gathered import Piece
from sessiondoctor.evidence.logs import Log
from sessiondoctor.logs.access.counting import count
from sessiondoctor.logs.access.formats import guess, of_log_format
from sessiondoctor.logs.finder import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.artefacts.media import Given
    from sessiondoctor.artefacts.source import Source
    from sessiondoctor.logs.access.formats import AccessFormat

EVIDENCE = (AccessLog, Log)
FORMATS = (Format("access-log", "Access log of nginx, HAProxy, Apache httpd, Tomcat, Envoy or Traefik"),)
_KNOWN = 80


def recognise(source: Source) -> Match | None:
    """By its lines, if they name sessions or nodes."""
    found = guess(head_of(source).encode().splitlines())
    return Match(source, "access-log", _KNOWN) if found and (found.session or found.names_nodes) else None


def gather(matched: Sequence[Match], given: Given) -> Iterator[Piece]:
    """One `AccessLog` for each source, and what its lines prove."""
    finder = Finder(tuple(given.catalogue.signatures.values())) if matched else None
    for match in takewhile(lambda _: not given.stopped(), matched):
        yield _counted(match.source, given)
        if finder:
            yield log_of(match.source, finder, given)


def _counted(source: Source, given: Given) -> Piece:
    named = source.owner not in {"", source.name}
    log = AccessLog(source.owner if named else source.name, source.name, named)
    form = _format(source, given)
    if form is None:
        hint = "say it with --log-format, as in nginx's configuration"
        return Piece(AccessLog, log.subject, unavailable=f"the format of {source.name} is not known", hint=hint)
    try:
        with content_of(source) as whole:
            content = takewhile(lambda _: not given.stopped(), whole)
            return Piece(AccessLog, log.subject, count(content, form, log))
    except Unavailable as trouble:
        return Piece(AccessLog, log.subject, unavailable=trouble.reason, hint=trouble.hint)


def _format(source: Source, given: Given) -> AccessFormat | None:
    cookie = given.topology.site.session_cookie
    if not given.log_format:
        return guess(head_of(source).encode().splitlines(), cookie)
    try:
        return of_log_format(given.log_format, cookie)
    except ValueError as error:
        raise UsageError(f"--log-format: {error}") from None
