"""The folder of a store that keeps sessions in files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionFolder:
    """A folder and its file system, seen from the machine that the scan runs on.

    Attributes:
        files: how many were seen; `exact` if these are all.
        sessions: of these, session files.
        stale: of these, not written for 30 days.
        free_bytes: what others than root may still write.
        inodes: of the file system; 0 if it does not count them.
    """

    store: str
    folder: str
    files: int
    exact: bool
    sessions: int
    stale: int
    free_bytes: int
    inodes: int
    free_inodes: int
