"""The site: who sends requests to whom, from the browser to the stores, with the parts that a cause points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.report.drawings import Box, Drawing, Label, Line, Shape, named, room_for
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessiondoctor.model import Part, Report

_MOST = 60
_HEIGHT = 40
_GAP_Y = 16
_GAP_X = 56
_MARGIN = 10
_PAD = 24
_BASE = 17  # of a box's first line
_SECOND = 33
_ROLES = {"site": "entry", "balancer": "load balancer", "node": "node", "store": "store"}
_GUILTY = "fault here"
Places = dict[str, tuple[float, float]]


def site_of(report: Report) -> Drawing | None:
    """None where nothing but the entry is known."""
    parts = {part.name: part for part in report.parts[:_MOST]}
    guilty = {name for one in report.stated for name in one.where}
    columns = _columns(parts)
    if len(columns) < 2:
        return None
    texts = (text for part in parts.values() for text in (named(part.name), _below(part)))
    width = room_for((*texts, *([_GUILTY] if guilty else []))) + _PAD
    places = _places(columns, width)
    return Drawing(
        "site",
        "The site, from its entry to its stores",
        _told(parts.values(), guilty),
        2 * _MARGIN + len(columns) * width + (len(columns) - 1) * _GAP_X,
        2 * _MARGIN + max(map(len, columns)) * (_HEIGHT + _GAP_Y) - _GAP_Y,
        (*_lines(parts, places, width, guilty), *_boxes(parts, places, width, guilty)),
    )


def _columns(parts: Mapping[str, Part]) -> list[list[str]]:
    """The parts by how many others a request passes before them, whatever a report file says of circles."""
    depth = dict.fromkeys(parts, 0)
    for _ in range(min(len(parts), 12)):
        for part in parts.values():
            for name in part.sends_to:
                if name in depth:
                    depth[name] = max(depth[name], min(depth[part.name] + 1, 12))
    levels = sorted(set(depth.values()))
    return [[name for name in parts if depth[name] == level] for level in levels]


def _places(columns: Sequence[Sequence[str]], width: float) -> Places:
    """Each column in the middle of the height of the longest."""
    tallest = max(map(len, columns))
    places: Places = {}
    for number, column in enumerate(columns):
        top = _MARGIN + (tallest - len(column)) * (_HEIGHT + _GAP_Y) / 2
        for row, name in enumerate(column):
            places[name] = (_MARGIN + number * (width + _GAP_X), top + row * (_HEIGHT + _GAP_Y))
    return places


def _lines(parts: Mapping[str, Part], places: Places, width: float, guilty: set[str]) -> Iterator[Shape]:
    for part in parts.values():
        for name in part.sends_to:
            if name in places:
                (x, y), (to_x, to_y) = places[part.name], places[name]
                kind = "wire guilty" if {part.name, name} & guilty else "wire"
                yield Line(x + width, y + _HEIGHT / 2, to_x, to_y + _HEIGHT / 2, kind)


def _boxes(parts: Mapping[str, Part], places: Places, width: float, guilty: set[str]) -> Iterator[Shape]:
    for name, (x, y) in places.items():
        blamed = name in guilty
        yield Box(x, y, width, _HEIGHT, "part guilty" if blamed else "part")
        yield Label(x + width / 2, y + _BASE, named(name), "label name", "middle")
        told = _GUILTY if blamed else _below(parts[name])
        yield Label(x + width / 2, y + _SECOND, told, "label guilty" if blamed else "label faint", "middle")


def _below(part: Part) -> str:
    return named(part.kind) if part.kind else _ROLES[part.role]


def _told(parts: Iterable[Part], guilty: set[str]) -> str:
    ways = (f"{part.name} sends to {', '.join(part.sends_to)}" for part in parts if part.sends_to)
    blamed = f" The fault is at {', '.join(sorted(guilty))}." if guilty else ""
    return one_line(f"{'; '.join(ways)}.{blamed}")
