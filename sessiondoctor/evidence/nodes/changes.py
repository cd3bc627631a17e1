"""A session changed on one node after another: when each change is on the other node, and whether it ever is."""

from __future__ import annotations

from dataclasses import dataclass

from sessiondoctor.evidence.nodes.replay import CellState, IdFate


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a change; `after_s` is the time from the end of the write to the begin of the look."""

    after_s: float
    state: CellState


@dataclass(frozen=True, slots=True)
class Changed:
    """One session: made on `made_on`, changed there, looked at and changed on `read_on`, looked at on `made_on` again.

    Attributes:
        home: the change on `made_on`, where it was made.
        looks: at that change on `read_on`, up to the first that finds it.
        first: what the session was made with, on `read_on`, where the change was not found; else `unknown`.
        fate: what `read_on` did to the session's id when the session was changed there.
        third: the change that was made on `read_on`, where it was made.
        returned: looks at it on `made_on`, up to the first that finds it.
        own: the change of `made_on`, there again, where that of `read_on` was not found; else `unknown`.
    """

    made_on: str
    read_on: str
    home: CellState = "unknown"
    looks: tuple[Look, ...] = ()
    first: CellState = "unknown"
    fate: IdFate = "unknown"
    third: CellState = "unknown"
    returned: tuple[Look, ...] = ()
    own: CellState = "unknown"

    @property
    def arrived(self) -> bool:
        """Whether the change was ever found on the other node."""
        return any(look.state == "kept" for look in self.looks)

    @property
    def never(self) -> bool:
        """Whether it is there at home, and no look on the other node found it."""
        return self.home == "kept" and bool(self.looks) and all(look.state == "lost" for look in self.looks)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fresh session of `made_on`, looked at on `read_on` once."""

    made_on: str
    read_on: str
    look: Look


@dataclass(frozen=True, slots=True)
class Changes:
    """Sessions changed and followed over pairs of nodes.

    Attributes:
        arrivals: fresh sessions, each looked at once, at times that differ; none where nothing called for it.
        adopts: by node, whether it goes on with an id that nobody ever handed out; nothing of nodes that do not show.
    """

    pairs: tuple[Changed, ...]
    arrivals: tuple[Arrival, ...] = ()
    adopts: dict[str, bool] | None = None

    def knows(self, pair: Changed) -> bool | None:
        """Whether the other node knew the session, by what it did to its id; None if that does not tell."""
        if pair.fate in {"renewed", "dropped"}:
            return False
        if pair.fate == "rewritten":
            return True
        adopts = (self.adopts or {}).get(pair.read_on)
        return True if pair.fate == "same" and adopts is False else None
