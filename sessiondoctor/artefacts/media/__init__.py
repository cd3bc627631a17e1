"""The kinds of evidence that files can be, one module each; found by listing this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, cast

from sessiondoctor.artefacts.source import Source
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.logs.access.engines.table import RequestTable
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.evidence.gathered import Piece


@dataclass(frozen=True, slots=True)
class Format:
    """Something that can be read: `name` for `--as`, `title` for people."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Match:
    """A source as one format; `score` 1 to 100: how surely it is that. 100 is for what cannot be anything else."""

    source: Source
    format: str
    score: int


@dataclass(frozen=True, slots=True)
class AccessLogs:
    """How access logs are counted.

    Attributes:
        log_format: as the configuration has it; empty to guess it.
        engine: `own` or `duckdb`; empty for the one that suits the size.
        table: the user's own, asked beside the files.
        tell: is told of a file's name and the bytes of it that have been read, decompressed.
    """

    log_format: str = ""
    engine: str = ""
    table: RequestTable | None = None
    tell: Callable[[str, int], None] = lambda _name, _size: None


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever gathers works with.

    Attributes:
        topology: what else is known of the site; of nowhere, if nothing is.
        catalogue: knows the lines of logs.
        access: how access logs are counted, and the table beside the files.
        stopped: whether reading shall come to its end: what was read until then counts.
    """

    redactor: Redactor
    topology: Topology
    catalogue: Catalogue
    access: AccessLogs = AccessLogs()
    stopped: Callable[[], bool] = lambda: False


class Medium(Protocol):
    """A module of this package."""

    FORMATS: tuple[Format, ...]
    EVIDENCE: tuple[type[Any], ...]

    def recognise(self, source: Source) -> Match | None:
        """The likeliest of its formats; None if it is none of them. `source.wanted` is obeyed by the caller."""

    def gather(self, matched: Sequence[Match], given: Given) -> Iterable[Piece]:
        """The evidence in all sources that fell to this medium, an empty list included."""


@cache
def media(only: tuple[str, ...] = ()) -> dict[str, Medium]:
    """The media by name: all, or only those; the others are not loaded."""
    names = (found.name for found in iter_modules(__path__) if not only or found.name in only)
    return {name: cast("Medium", import_module(f"{__name__}.{name}")) for name in names}
