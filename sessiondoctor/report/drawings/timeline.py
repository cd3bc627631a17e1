"""Who answered when: a lane for each node, a mark for each request; and how old state was when it was lost."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sessiondoctor.report.drawings import Drawing, Label, Line, Mark, Shape, named, room_for
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.model import Beat, Report

_MOST_CLIENTS = 6
_MOST_SHORT = 24
_SHORT = 3
_MOST_BEATS = 80
_LANE = 26
_TOP = 18
_BOTTOM = 30
_STEP = 26
_LABEL_EVERY = 3  # requests: times need more room than marks
_PLOT = 520
_MARGIN = 12
_MARKS = {"kept", "lost", "error"}
_LONGEST_CLIENT = 40
_FARTHEST_S = 10.0**9


def timelines_of(report: Report) -> Iterator[Drawing]:
    """The clients with several requests, in the report's order; those with a few share one picture."""
    several = [strip for strip in report.requests if len(strip.strip) > 1]
    long = [strip for strip in several if len(strip.strip) > _SHORT]
    for number, strip in enumerate(long[:_MOST_CLIENTS], 1):
        title = f"Who answered: {named(strip.client, _LONGEST_CLIENT)}"
        yield _timeline(f"client-{number}", title, strip.summary, [strip.strip[:_MOST_BEATS]])
    short = [strip.strip for strip in several if len(strip.strip) <= _SHORT][:_MOST_SHORT]
    if short:
        lost = sum(any(beat.state == "lost" for beat in beats) for beats in short)
        told = f"{len(short)} clients with {_SHORT} requests at most; {lost} of them lost their state."
        yield _timeline("short-visits", "Who answered: short visits, one after the other", told, short)


def _timeline(id_: str, title: str, told: str, visits: Sequence[Sequence[Beat]]) -> Drawing:
    """The visits side by side over the lanes of all nodes that answered."""
    lanes = tuple(sorted(dict.fromkeys(_node(beat) for beats in visits for beat in beats)))
    left = room_for(tuple(map(named, lanes))) + 2 * _MARGIN
    slots = sum(map(len, visits)) + (len(visits) - 1)
    width, height = left + slots * _STEP + 2 * _MARGIN, _TOP + len(lanes) * _LANE + _BOTTOM
    shapes, at = [*_lanes(lanes, left, width)], left
    for beats in visits:
        shapes += [*_marks(beats, lanes, at), *_seconds(beats, at, height, every=_LABEL_EVERY)]
        at += (len(beats) + 1) * _STEP
    return Drawing(id_, title, one_line(told), width, height, tuple(shapes))


def _lanes(lanes: Sequence[str], left: float, width: float) -> Iterator[Shape]:
    for row, lane in enumerate(lanes):
        y = _TOP + row * _LANE
        yield Label(left - _MARGIN, y + 4, named(lane), "label", "end")
        yield Line(left, y, width - _MARGIN, y, "grid")


def _marks(beats: Sequence[Beat], lanes: Sequence[str], left: float) -> Iterator[Shape]:
    """Requests in their order, joined by a line that shows where the client was taken."""
    points = [(left + n * _STEP + _STEP / 2, _TOP + lanes.index(_node(beat)) * _LANE) for n, beat in enumerate(beats)]
    yield from (Line(*one, *two, "path") for one, two in pairwise(points))
    for number, (beat, (x, y)) in enumerate(zip(beats, points, strict=True), 1):
        state = beat.state if beat.state in _MARKS else "unknown"
        note = f"request {number}, {_node(beat)}, {one_line(beat.state)}, {beat.status or 'no answer'}"
        yield Mark(x, y, f"mark {state}", f"{note}{', new session id' if beat.renewed else ''}")


def _seconds(beats: Sequence[Beat], left: float, height: float, *, every: int) -> Iterator[Shape]:
    """When the first of every few requests was sent."""
    for number, beat in enumerate(beats):
        if number % every == 0:
            yield Label(left + number * _STEP + _STEP / 2, height - 8, _short(beat.at_s), "label faint", "middle")


def _node(beat: Beat) -> str:
    return one_line(beat.node) or "node not told"


def ages_of(report: Report) -> Drawing | None:
    """How long after a client's first request its state was found or lost; None where nothing was lost."""
    looks = [(beat.state, age) for strip in report.requests for beat, age in _looks(strip.strip[:_MOST_BEATS])]
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


def _looks(beats: Sequence[Beat]) -> Iterable[tuple[Beat, float]]:
    """Those after the first, which writes; each with seconds since then."""
    for beat in beats[1:]:
        if beat.state in {"kept", "lost"}:
            yield beat, min(max(beat.at_s - beats[0].at_s, 0.0), _FARTHEST_S)


def _short(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2f} s"
