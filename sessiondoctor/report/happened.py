"""What happened, request by request: a report's clients as rows of short, harmless texts for any renderer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from sessiondoctor.model import kind_of
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.model import ClientHistory, ClientRequest

TITLE = "What happened"
HEAD = ("#", "at", "node", "session", "", "state", "http")
KINDS = {
    "returning": "sends back what a browser does",
    "fresh": "new clients without any cookie",
    "without affinity cookie": "keeps the balancer's cookie to itself",
    "frozen": "sends the cookies of its first answer for ever",
    "raw": "sends back every cookie, as no browser does",
    "kept alive": "all requests over one connection",
    "through": "starts its session at the site's URL and comes back there",
    "login": "takes the steps of the login, then looks whether it is logged in",
}
_SOURCES = {
    "marker": "the declared marker",
    "affinity-cookie": "affinity cookies",
    "route": "routes in new session ids",
    "headers": "headers that differ",
    "stats": "the balancer's statistics",
}
_DIFFERING = 2  # cells: the number and the time
_FEWEST_FOLDED = 3
_RIGHT = {0, 1}  # columns of numbers
_GAP = "  "
_INDENT = "  "
_LONGEST_NODE = 24
_LONGEST_CELL = 12
_LONGEST_CLIENT = 60
_LONGEST_NOTE = 240
_LONGEST_SUMMARY = 600
_MOST_NOTES = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One request: a cell for each of `HEAD`, and what else there is to say of it."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """One client: who it is (of the first of each kind also what that does), its course in one line, its requests."""

    client: str
    summary: str
    rows: tuple[Row, ...]


def courses(clients: Iterable[ClientHistory]) -> tuple[Course, ...]:
    """Every client of a report, in its order."""
    clients = tuple(clients)
    kinds = [kind_of(client.client) for client in clients]
    return tuple(_course(client, known=kinds[n] in kinds[:n]) for n, client in enumerate(clients))


def legend(clients: Iterable[ClientHistory]) -> str:
    """How it is known which node answered."""
    seen = {request.named_by for client in clients for request in client.requests if request.node}
    told = [words for source, words in _SOURCES.items() if source in seen]
    return f"Nodes are told apart by {' and '.join(told)}." if told else "Nothing tells which node answered."


def widths_of(all_courses: Iterable[Course]) -> tuple[int, ...]:
    """Columns that every row fits, so that one client stands below the other."""
    from rich.cells import cell_len

    lines = [HEAD, *(row.cells for course in all_courses for row in course.rows)]
    return tuple(max(map(cell_len, column)) for column in zip(*lines, strict=True))


def padded(cells: Sequence[str], widths: Sequence[int]) -> tuple[str, ...]:
    """The cells of one row, each as wide as its column and the gap behind it."""
    from rich.cells import cell_len

    rooms = (" " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    pairs = enumerate(zip(cells, rooms, strict=True))
    return tuple((room + cell if n in _RIGHT else cell + room) + _GAP for n, (cell, room) in pairs)


def plain_lines(all_courses: Sequence[Course]) -> Iterator[str]:
    """A table of text with one request a line, its notes at the end."""
    widths = widths_of(all_courses)
    yield _INDENT + "".join(padded(HEAD, widths)).rstrip()
    for course in all_courses:
        yield f"{course.client}: {course.summary}"
        for row in course.rows:
            yield (_INDENT + "".join(padded(row.cells, widths)) + "; ".join(row.notes)).rstrip()


def _course(client: ClientHistory, *, known: bool) -> Course:
    meaning = "" if known else KINDS.get(kind_of(client.client), "")
    who = _cut(client.client, _LONGEST_CLIENT) + (f" ({meaning})" if meaning else "")
    return Course(who, _cut(client.summary, _LONGEST_SUMMARY), tuple(_folded(_rows(client.requests))))


def _folded(rows: Iterable[Row]) -> Iterator[Row]:
    """Requests one after the other that differ in nothing but their time, as one with a count."""
    for _, alike in groupby(rows, key=lambda row: (row.cells[_DIFFERING:], row.notes)):
        same = tuple(alike)
        if len(same) < _FEWEST_FOLDED:
            yield from same
        else:
            first, last = same[0], same[-1]
            cells = (f"{first.cells[0]}-{last.cells[0]}", *first.cells[1:])
            yield Row(cells, (f"{len(same)} times, until {last.cells[1]}", *first.notes))


def _rows(requests: Sequence[ClientRequest]) -> Iterator[Row]:
    held: list[str] = []
    for number, request in enumerate(requests, 1):
        cells = (
            str(number),
            _cut(f"{request.at_s:.2f}s", _LONGEST_CELL),
            _middle_cut(request.node) or "?",
            _cut(request.session, _LONGEST_CELL) or "-",
            _fate(request, held),
            _state(request, number),
            _cut(str(request.status or "-"), _LONGEST_CELL),
        )
        notes = (request.trouble, *request.dropped[:_MOST_NOTES])
        yield Row(cells, tuple(_cut(note, _LONGEST_NOTE) for note in notes if note))
        held.append(request.session)


def _fate(request: ClientRequest, held: Sequence[str]) -> str:
    """What became of the session id; `changed` where another value need not mean another session."""
    if not request.session:
        return "none"
    if request.renewed or not held or not held[-1]:
        return "new"
    return "kept" if request.session in held else "changed"


def _state(request: ClientRequest, number: int) -> str:
    if request.state == "kept":
        return "written" if number == 1 else "kept"
    return "?" if request.state == "unknown" else _cut(request.state, _LONGEST_CELL)


def _cut(text: str, longest: int) -> str:
    line = one_line(text)
    return line if len(line) <= longest else line[: longest - 2] + ".."


def _middle_cut(name: str) -> str:
    """A long name without its middle: pods differ at their end, hosts at their beginning."""
    line = one_line(name)
    half = (_LONGEST_NODE - 2) // 2
    return line if len(line) <= _LONGEST_NODE else f"{line[:half]}..{line[-half:]}"
