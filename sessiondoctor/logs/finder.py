"""Finds signatures in a log of any size: one pass, in bounded memory.

RE2 looks for the anchors of all signatures at once, at the speed of a disk; only lines that hold one are read closely.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sessiondoctor.catalogue.signatures import Signature
from sessiondoctor.evidence.logs import Log
from sessiondoctor.logs.event import Event
from sessiondoctor.logs.line import read_line
from sessiondoctor.logs.quote import quoted
from sessiondoctor.logs.tally import Tally
from sessiondoctor.logs.window import windows
from sessiondoctor.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sessiondoctor.logs.window import Window

_MEMORY = 128 << 20  # for RE2's automaton; it takes what it needs
EXCERPT = (
    40  # lines; whoever shows no more than this chose them, so that they need not say that they are about sessions
)


@dataclass(frozen=True)
class Finder:
    """Knows all signatures; may read any number of logs."""

    signatures: tuple[Signature, ...]

    @cached_property
    def _anchors(self) -> tuple[tuple[str, int], ...]:
        """Each text to look for, and the number of its signature."""
        matching = ((p.anchor, n) for n, signature in enumerate(self.signatures) for p in signature.match)
        ending = ((p.anchor, n) for n, signature in enumerate(self.signatures) for p in signature.until)
        return tuple(dict.fromkeys((*matching, *ending)))

    @cached_property
    def anything(self) -> Any:
        """Finds the next line that holds an anchor."""
        import re2

        return re2.compile(b"|".join(re2.escape(text.encode()) for text, _ in self._anchors), _options())

    @cached_property
    def _each(self) -> Any:
        import re2

        found = re2.Set.SearchSet(_options())
        for text, _ in self._anchors:
            found.Add(re2.escape(text.encode()))
        found.Compile()
        return found

    def candidates(self, raw: bytes) -> Iterable[Signature]:
        """The signatures of which a line holds an anchor."""
        numbers = {self._anchors[place][1] for place in self._each.Match(raw)}
        return (self.signatures[number] for number in sorted(numbers))

    def found(self, head: bytes) -> Iterator[Signature]:
        """The signatures of which a line of this text is one, whatever stands around it."""
        for raw in head.splitlines():
            if self.anything.search(raw):
                text = read_line(raw.decode("utf-8", "replace"), 0).text
                known = self.candidates(raw)
                yield from (one for one in known if any(pattern.fields(text) is not None for pattern in one.match))

    def read(
        self,
        pieces: Iterable[bytes],
        log: Log,
        redactor: Redactor,
        year: int,
        tell: Callable[[int], None] | None = None,
    ) -> Log:
        """The log with what was found in it.

        An `EOFError` of the pieces ends it; `year` is that of dates that have none; `tell` is told how many bytes have
        been read.
        """
        reading = _Reading(self, log, redactor, year)
        for window in windows(_counted(pieces, reading, tell)):
            reading.take(window)
        return reading.result()


@dataclass(slots=True)
class _Reading:
    """One log under way. `loose` are lines that do not say that they are about sessions."""

    finder: Finder
    log: Log
    redactor: Redactor
    year: int
    size: int = 0
    lines: int = 0
    cut: str = ""
    first_at: float | None = None
    last_at: float | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)
    loose: dict[str, Tally] = field(default_factory=dict)

    def take(self, window: Window) -> None:
        """Look at every line of a window."""
        if self.first_at is None:
            self.first_at = Event(window, window.begin, window.line, self.year).at
        at, counted, line = window.begin, window.begin, window.line
        while found := self.finder.anything.search(window.data, at, window.end):
            event = Event(window, found.start(), line + window.data.count(b"\n", counted, found.start()), self.year)
            self._look(event)
            line, counted, at = event.number, found.start(), event.end + 1
            if at >= window.end:
                break
        self.lines = window.line - 1 + window.data.count(b"\n", window.begin, window.end)
        self.lines += not window.data.endswith(b"\n", window.begin, window.end)
        self.last_at = Event(window, max(window.end - 2, window.begin), 0, self.year).at or self.last_at

    def _look(self, event: Event) -> None:
        for signature in self.finder.candidates(event.raw):
            if any(pattern.fields(event.text) is not None for pattern in signature.until):
                self.tallies.pop(signature.id, None)
                self.loose.pop(signature.id, None)
                continue
            fields = next((f for pattern in signature.match if (f := pattern.fields(event.text)) is not None), None)
            if fields is None or any(text in event.whole for text in signature.unlike):
                continue
            close = not signature.near or any(word in event.whole_lower for word in signature.near)
            self._count(self.tallies if close else self.loose, signature, fields, event)

    def _count(self, tallies: dict[str, Tally], signature: Signature, fields: dict[str, str], event: Event) -> None:
        tally = tallies.get(signature.id)
        if tally is None:
            before, after = event.neighbours
            keep = frozenset(value.strip("{}") for value in fields.values())
            quotes = [quoted(text, self.redactor, keep) for text in (event.text, *before, *after)]
            tally = Tally(event.number, quotes[0], tuple(quotes[1 : 1 + len(before)]), tuple(quotes[1 + len(before) :]))
            tallies[signature.id] = tally
        tally.add(fields, event.at)

    def result(self) -> Log:
        """The evidence."""
        found = self.tallies | (self._loose() if self.lines <= EXCERPT else {})
        enough = {one.id: one for one in self.finder.signatures if one.id in found and found[one.id].count >= one.times}
        return Log(
            subject=self.log.subject,
            file=self.log.file,
            named=self.log.named,
            lines=self.lines,
            size=self.size,
            first_at=self.first_at,
            last_at=self.last_at,
            hits=tuple(found[id_].hit(id_) for id_ in sorted(enough, key=lambda i: (found[i].line, i))),
            stack=_stack(enough.values()),
            cut=self.cut,
        )

    def _loose(self) -> dict[str, Tally]:
        return {id_: tally for id_, tally in self.loose.items() if id_ not in self.tallies}


def _stack(found: Iterable[Signature]) -> str:
    """The stack that most of the signatures prove."""
    votes = Counter(signature.stack for signature in found if signature.stack)
    return max(votes, key=lambda stack: (votes[stack], stack), default="")


def _counted(pieces: Iterable[bytes], reading: _Reading, tell: Callable[[int], None] | None) -> Iterable[bytes]:
    try:
        for piece in pieces:
            reading.size += len(piece)
            if tell:
                tell(reading.size)
            yield piece
    except EOFError as error:
        reading.cut = str(error)


def _options() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    return options
