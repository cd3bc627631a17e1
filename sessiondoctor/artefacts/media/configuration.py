"""Configuration files and manifests: what `sessiondoctor.configs` reads."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.media import Format, Given, Match
from sessiondoctor.configs.files import text_of
from sessiondoctor.configs.includes import with_includes
from sessiondoctor.configs.reading import LARGEST, read_all
from sessiondoctor.configs.recognition import best, readers
from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.gathered import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.artefacts.source import Source
    from sessiondoctor.configs.source import Text
    from sessiondoctor.redact import Redactor

EVIDENCE = (Configs,)
FORMATS = tuple(Format(name, reader.TITLE) for name, reader in readers().items())


def recognise(source: Source) -> Match | None:
    """The reader that knows this content best."""
    found = best(source.name, source.head)
    return Match(source, *found) if found else None


def gather(matched: Sequence[Match], given: Given) -> Iterator[Piece]:
    """One `Configs` of all files."""
    if not matched:
        yield Piece(Configs, "site", absent="no configuration was given", hint="give configuration files to `judge`")
        return
    texts = (_text(match, given.redactor) for match in takewhile(lambda _: not given.stopped(), matched))
    yield Piece(Configs, "site", read_all(with_includes(texts)))


def _text(match: Match, redactor: Redactor) -> Text:
    source = match.source
    return text_of(source.read(LARGEST + 1), source.name, source.owner, redactor.fingerprint, match.format)
