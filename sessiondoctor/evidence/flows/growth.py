"""Sessions of ours that were made larger and larger: up to which size they live, and how they end."""

from __future__ import annotations

from dataclasses import dataclass

from sessiondoctor.evidence.entry.visits import State


@dataclass(frozen=True, slots=True)
class SizeStep:
    """A session at one size.

    Attributes:
        size: bytes that were asked of the declared `grow`.
        grew: whether that was answered as declared.
        status: of that answer; 0 without one.
        state: whether what was in the session before is still there afterwards.
        look_status: of the answer that says so; 0 without one.
        cookie_bytes: name and value of the largest cookie that was set meanwhile; 0 without one.
        refused: name of a cookie that a browser refuses for its size; empty if there is none.
        trouble: what was wrong, in one line; empty if nothing was.
    """

    size: int
    grew: bool
    status: int
    state: State
    look_status: int = 0
    cookie_bytes: int = 0
    refused: str = ""
    trouble: str = ""

    @property
    def lives(self) -> bool:
        """Whether the session has this size and has lost nothing."""
        return self.grew and self.state == "kept" and not self.refused


@dataclass(frozen=True, slots=True)
class Growth:
    """The ladder.

    Attributes:
        size_steps: one session through the public entry, smallest size first, up to the first that it does not live at.
        again: another session, at once made as large as the one that failed; None if all sizes live, or if a large
            cookie explains it.
        direct: a session on one node, made as large; without a browser's rules. None without node URLs, or if all live.
        node: the name of that node.
        largest: bytes of the last size that was to be tried; the user's consent decides.
    """

    size_steps: tuple[SizeStep, ...]
    largest: int
    again: SizeStep | None = None
    direct: SizeStep | None = None
    node: str = ""

    @property
    def failed(self) -> SizeStep | None:
        """The first size at which sessions do not live; None if another one lives there."""
        by_chance = self.again is not None and self.again.lives
        last = self.size_steps[-1] if self.size_steps else None
        return None if by_chance or last is None or last.lives else last

    @property
    def in_cookie(self) -> bool:
        """Whether the session itself travels in a cookie: at a size at which it lived, a cookie was half as large."""
        return any(size_step.lives and 2 * size_step.cookie_bytes >= size_step.size for size_step in self.size_steps)

    @property
    def lives_at(self) -> int:
        """The largest size in bytes at which a session was seen to live; 0 if none was."""
        return max((size_step.size for size_step in self.size_steps if size_step.lives), default=0)
