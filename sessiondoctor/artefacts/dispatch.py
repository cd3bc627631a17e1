"""Which medium a source falls to, and the evidence of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.media import Format, Match, media
from sessiondoctor.errors import UsageError, trace_of
from sessiondoctor.evidence.gathered import Piece

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessiondoctor.artefacts.media import Given, Medium
    from sessiondoctor.artefacts.source import Source


@dataclass(frozen=True, slots=True)
class Unread:
    """A source that no medium knows, and why."""

    name: str
    owner: str
    reason: str


@dataclass(frozen=True, slots=True)
class InHand:
    """What the files gave: evidence, and the files that gave none. `interrupted`: not all of them were read."""

    pieces: tuple[Piece, ...]
    unread: tuple[Unread, ...]
    interrupted: bool = False


def formats(only: Collection[str] = ()) -> tuple[Format, ...]:
    """Everything that can be read, by medium and name; `only` those media."""
    return tuple(one for medium in media(tuple(only)).values() for one in medium.FORMATS)


def checked_format(word: str, only: Collection[str] = ()) -> str:
    """A word of `--as`.

    Raises:
        UsageError: there is no such format.
    """
    known = {one.name for one in formats(only)} if word else set()
    if word not in known and word:
        from sessiondoctor.topology.hints import did_you_mean

        raise UsageError(f"--as {word}: no such format{did_you_mean(word, sorted(known))}; see `list formats`")
    return word


def read(sources: Iterable[Source], given: Given, only: Collection[str] = ()) -> InHand:
    """Reads every source once, with the medium that knows it best; `only` those media are asked."""
    asked = media(tuple(only))
    matched: dict[str, list[Match]] = {name: [] for name in asked}
    unread: list[Unread] = []
    for source in takewhile(lambda _: not given.stopped(), sources):
        try:
            name, match = _best(source, asked)
        except OSError as error:
            raise UsageError(
                f"{source.name}: cannot be read: {(error.strerror or 'no reason given').lower()}"
            ) from None
        if match:
            matched[name].append(match)
        else:
            unread.append(Unread(source.name, source.owner, "its content is not recognised"))
    pieces = tuple(piece for name, medium in asked.items() for piece in _gathered(medium, matched[name], given))
    return InHand(pieces, tuple(unread), interrupted=given.stopped())


def _best(source: Source, asked: dict[str, Medium]) -> tuple[str, Match | None]:
    if source.wanted:
        for name, medium in asked.items():
            if source.wanted in {one.name for one in medium.FORMATS}:
                return name, Match(source, source.wanted, 100)
    found = [(name, match) for name, medium in asked.items() if (match := medium.recognise(source))]
    return max(found, key=lambda pair: pair[1].score, default=("", None))


def _gathered(medium: Medium, matched: Sequence[Match], given: Given) -> Iterator[Piece]:
    try:
        yield from medium.gather(matched, given)
    except Exception as error:  # noqa: BLE001 - a medium that crashes must not stop the others
        trace = trace_of(error)
        yield from (Piece(kind, "site", crash=trace) for kind in medium.EVIDENCE)
