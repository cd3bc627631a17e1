"""Who answered when: a lane for each node, a mark for each request; and how old state was when it was lost."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sessiondoctor.model import kind_of
from sessiondoctor.report.drawings import Drawing, Label, Line, Mark, Shape, named, room_for
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.model import ClientRequest, Report

_MOST_CLIENTS = 6
_MOST_SHORT = 24
_SHORT = 3
_MOST_REQUESTS = 80
_LANE = 26
_TOP = 18
_BOTTOM = 30
_STEP = 26
_LABEL_EVERY = 3  # requests: times need more room than marks
_PLOT = 520
_MARGIN = 12
_MARKS = {"kept", "lost", "error"}
_ELSEWHERE = {"through", "login"}  # clients whose loss is no matter of age
_LONGEST_CLIENT = 40
_FARTHEST_S = 10.0**9


def timelines_of(report: Report) -> Iterator[Drawing]:
    """The clients with several requests, in the report's order; those with a few share one picture."""
    several = [client for client in report.requests if len(client.requests) > 1]
    long = [client for client in several if len(client.requests) > _SHORT]
    for number, client in enumerate(long[:_MOST_CLIENTS], 1):
        title = f"Who answered: {named(client.client, _LONGEST_CLIENT)}"
        yield _timeline(f"client-{number}", title, client.summary, [client.requests[:_MOST_REQUESTS]])
    short = [client.requests for client in several if len(client.requests) <= _SHORT][:_MOST_SHORT]
    if short:
        lost = sum(any(request.state == "lost" for request in requests) for requests in short)
        told = f"{len(short)} clients with {_SHORT} requests at most; {lost} of them lost their state."
        yield _timeline("short-visits", "Who answered: short visits, one after the other", told, short)


def _timeline(id_: str, title: str, told: str, visits: Sequence[Sequence[ClientRequest]]) -> Drawing:
    """The visits side by side over the lanes of all nodes that answered."""
    lanes = tuple(sorted(dict.fromkeys(_node(request) for requests in visits for request in requests)))
    left = room_for(tuple(map(named, lanes))) + 2 * _MARGIN
    slots = sum(map(len, visits)) + (len(visits) - 1)
    width, height = left + slots * _STEP + 2 * _MARGIN, _TOP + len(lanes) * _LANE + _BOTTOM
    shapes, at = [*_lanes(lanes, left, width)], left
    for requests in visits:
        shapes += [*_marks(requests, lanes, at), *_seconds(requests, at, height, every=_LABEL_EVERY)]
        at += (len(requests) + 1) * _STEP
    return Drawing(id_, title, one_line(told), width, height, tuple(shapes))


def _lanes(lanes: Sequence[str], left: float, width: float) -> Iterator[Shape]:
    for row, lane in enumerate(lanes):
        y = _TOP + row * _LANE
        yield Label(left - _MARGIN, y + 4, named(lane), "label", "end")
        yield Line(left, y, width - _MARGIN, y, "grid")


def _marks(requests: Sequence[ClientRequest], lanes: Sequence[str], left: float) -> Iterator[Shape]:
    """Requests in their order, joined by a line that shows where the client was taken."""
    rows = [lanes.index(_node(request)) for request in requests]
    points = [(left + n * _STEP + _STEP / 2, _TOP + row * _LANE) for n, row in enumerate(rows)]
    yield from (Line(*one, *two, "path") for one, two in pairwise(points))
    for number, (request, (x, y)) in enumerate(zip(requests, points, strict=True), 1):
        state = request.state if request.state in _MARKS else "unknown"
        note = f"request {number}, {_node(request)}, {one_line(request.state)}, {request.status or 'no answer'}"
        yield Mark(x, y, f"mark {state}", f"{note}{', new session id' if request.renewed else ''}")


def _seconds(requests: Sequence[ClientRequest], left: float, height: float, *, every: int) -> Iterator[Shape]:
    """When the first of every few requests was sent."""
    for number, request in enumerate(requests):
        if number % every == 0:
            yield Label(left + number * _STEP + _STEP / 2, height - 8, _short(request.at_s), "label faint", "middle")


def _node(request: ClientRequest) -> str:
    return one_line(request.node) or "node not told"


def ages_of(report: Report) -> Drawing | None:
    """How long after a client's first request its state was found or lost; None where nothing was lost."""
    clients = [client for client in report.requests if kind_of(client.client) not in _ELSEWHERE]
    looks = [(look.state, age) for client in clients for look, age in _looks(client.requests[:_MOST_REQUESTS])]
    oldest = max((age for _, age in looks), default=0.0)
    lost = [age for state, age in looks if state == "lost"]
    if not lost or oldest <= 0:
        return None
    left = room_for(("found",)) + 2 * _MARGIN
    rows = {"kept": _TOP, "lost": _TOP + _LANE}
    marks = (Mark(left + age / oldest * _PLOT, rows[state], f"mark {state}", f"{_short(age)}") for state, age in looks)
    axis = (Label(left + n * _PLOT / 4, _TOP + 2 * _LANE + 14, _short(oldest * n / 4), "label faint", "middle")
            for n in range(5))  # fmt: skip
    lanes = (
        shape
        for word, y in (("found", rows["kept"]), ("lost", rows["lost"]))
        for shape in (Label(left - _MARGIN, y + 4, word, "label", "end"), Line(left, y, left + _PLOT, y, "grid"))
    )
    told = f"State was lost {len(lost)} times, {_short(min(lost))} to {_short(max(lost))} after the first request."
    return Drawing(
        "ages", "How old sessions were when their state was found or lost", told,
        left + _PLOT + 3 * _MARGIN, _TOP + 2 * _LANE + 24, (*lanes, *marks, *axis),
    )  # fmt: skip


def _looks(requests: Sequence[ClientRequest]) -> Iterable[tuple[ClientRequest, float]]:
    """Those after the first, which writes; each with seconds since then."""
    for request in requests[1:]:
        if request.state in {"kept", "lost"}:
            yield request, min(max(request.at_s - requests[0].at_s, 0.0), _FARTHEST_S)


def _short(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2f} s"
