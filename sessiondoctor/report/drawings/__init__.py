"""Pictures as shapes with places: what to draw, of which kind; the HTML report's template draws them as SVG.

Everything that came from outside is text to them; the template escapes it. A shape's `kind` is a class of the style
sheet, so that both colour schemes and print can differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessiondoctor.report.escape import one_line

LETTER = 7.3
"""About as wide as a letter of 13 px is, in px."""
_LONGEST = 22

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    shape: Literal["box"] = "box"


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x: float
    y: float
    to_x: float
    to_y: float
    kind: str
    shape: Literal["line"] = "line"


@dataclass(frozen=True, slots=True)
class Mark:
    """One request: kept is a disc, lost a cross, error a square, anything else a ring. `note` is its tool tip."""

    x: float
    y: float
    kind: str
    note: str = ""
    shape: Literal["mark"] = "mark"


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text; `y` is its base line."""

    x: float
    y: float
    text: str
    kind: str = "label"
    anchor: Anchor = "start"
    shape: Literal["label"] = "label"


Shape = Box | Line | Mark | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture. `told` says in words what it shows, for those who do not see it."""

    id: str
    title: str
    told: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


def named(text: str, longest: int = _LONGEST) -> str:
    """A name that fits: of a long one both ends, as pods differ at their end and hosts at their start."""
    line = one_line(text)
    half = (longest - 1) // 2
    return line if len(line) <= longest else f"{line[:half]}…{line[-half:]}"


def room_for(names: tuple[str, ...]) -> float:
    """The width that the longest of these names takes."""
    return max(map(len, names), default=0) * LETTER
