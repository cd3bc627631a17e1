"""Log files: the lines in them that tell why sessions are lost."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hit:
    """All lines of one file that one signature finds.

    Attributes:
        signature: its id in the catalogue.
        line: of the first one, counted from 1.
        first_at, last_at: unix seconds by the log's own dates; None where lines have none.
        fields: what the lines carry (class, key id, server ...): name -> the first values, each once.
        quote: the first line, redacted; `before` and `after` are its neighbours.
        when: how many lines in each of equal spans of time from the first to the last; empty without dates.
    """

    signature: str
    line: int
    count: int
    first_at: float | None = None
    last_at: float | None = None
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    quote: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    when: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """One log file, or what came by standard input.

    Attributes:
        subject: the component that the user says it belongs to, else the file's name.
        named: whether the user said so.
        stack: the site's stack that its lines prove; empty if none does.
        cut: why reading ended before the end of the file; empty if it did not.
    """

    subject: str
    file: str
    named: bool = False
    lines: int = 0
    size: int = 0
    first_at: float | None = None
    last_at: float | None = None
    hits: tuple[Hit, ...] = ()
    stack: str = ""
    cut: str = ""
