"""Requests as they passed: by node and minute, by path, by status."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessiondoctor.logs.access.meetings import shown
from sessiondoctor.logs.access.request import answered_by
from sessiondoctor.logs.access.totals import MOST_PATHS, Traffic

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_MINUTES = 500_000  # pairs of node and minute; beyond, requests count for no minute
_MOST_NAMES = 50_000  # lists of nodes that are remembered
_OTHERS = b"other nodes"


class Passed:
    """All requests of a log."""

    def __init__(self) -> None:
        self._retried = 0
        self._nodes: Counter[tuple[bytes, int]] = Counter()
        self._statuses: Counter[bytes] = Counter()
        self._paths: Counter[tuple[bytes, bytes]] = Counter()
        self._known: dict[bytes, tuple[bytes, bool]] = {}

    def node_of(self, named: bytes) -> tuple[bytes, bool]:
        """Who answered, empty if nobody did; whether several nodes were tried."""
        found = self._known.get(named)
        if found is None:
            if len(self._known) >= _MOST_NAMES:
                self._known.clear()
            found = self._known[named] = answered_by(named)
        return found

    def take(self, requests: Mapping[tuple[bytes, int, bytes, bytes], int]) -> None:
        """So many requests by node, minute, path and status."""
        for (named, minute, path, status), count in requests.items():
            node, several = self.node_of(named)
            self._retried += count * several
            self._statuses[status] += count
            if node:
                self._answered(node, minute, path, count)

    def _answered(self, node: bytes, minute: int, path: bytes, count: int) -> None:
        if (node, minute) not in self._nodes and len(self._nodes) >= _MOST_MINUTES:
            node, minute = (node, 0) if (node, 0) in self._nodes else (_OTHERS, 0)
        self._nodes[node, minute] += count
        if (path, node) in self._paths or len(self._paths) < MOST_PATHS:
            self._paths[path, node] += count

    def traffic(self) -> Traffic:
        """What it came to."""
        nodes: Counter[tuple[str, int]] = Counter()
        for (node, minute), requests in self._nodes.items():
            nodes[shown(node), minute] += requests
        paths: Counter[tuple[str, str]] = Counter()
        for (path, node), requests in self._paths.items():
            paths[shown(path), shown(node)] += requests
        statuses: Counter[int] = Counter()
        for status, requests in self._statuses.items():
            statuses[int(status[:1]) if status[:1].isdigit() else 0] += requests
        return Traffic(self._retried, nodes, statuses, paths if len(self._paths) < MOST_PATHS else {})
