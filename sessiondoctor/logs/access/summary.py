"""From totals to what the evidence holds: when nodes were absent, which paths go where."""

from __future__ import annotations

import statistics
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from sessiondoctor.evidence.access_logs import Absence, Pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.evidence.access_logs import AccessLog
    from sessiondoctor.logs.access.totals import Totals

_MOST_NODES = 500
_MOST_ABSENCES = 20
_MOST_PATHS = 5
_EXPECTED = 8  # requests: that a node has none by chance is one in three thousand
_FEW = 20  # requests of a path, or fewer: no part of the site
_STRAY = 0.02  # of a path's requests: a retry, a health check


def summary(totals: Totals, log: AccessLog) -> AccessLog:
    """The log with these counts."""
    seen, nodes = totals.sessions, Counter[str]()
    for (node, _), requests in totals.traffic.nodes.items():
        nodes[node] += requests
    absences = tuple(_absences(totals.traffic.nodes))
    minutes = [minute for _, minute in totals.traffic.nodes if minute] + [minute for minute in totals.births if minute]
    births = {minute: count for minute, count in totals.births.items() if minute}
    peak = max(births, key=lambda minute: (births[minute], -minute), default=0)
    return replace(
        log,
        first_at=min(minutes, default=0),
        last_at=max(minutes, default=0),
        sessions=seen.seen,
        once=seen.once,
        again=seen.again,
        sessions_on_several_nodes=seen.moved,
        moved_by_retry=seen.moved_retried,
        moved_for_good=seen.moved_apart,
        moves_from_absent_nodes=_from_absent(totals.moves, absences),
        moved_with_addresses=seen.moved_addresses,
        moved_with_families=seen.moved_families,
        moved_with_routes=seen.moved_routes,
        requests_kept=seen.kept_requests,
        denied_kept=seen.kept_denied,
        requests_moved=seen.moved_requests,
        denied_moved=seen.moved_denied,
        sessions_with_several_addresses=seen.addresses,
        sessions_with_both_families=seen.families,
        requests_on_several_nodes=totals.traffic.retried,
        clients=seen.clients,
        clients_with_new_ids=seen.clients_renewed,
        births=int(statistics.median(births.values())) if births else 0,
        births_peak=births.get(peak, 0),
        births_peak_at=peak,
        nodes=dict(sorted(nodes.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_NODES]),
        statuses={f"{digit}xx": count for digit, count in sorted(totals.traffic.statuses.items()) if digit},
        absences=tuple(sorted(sorted(absences, key=_length, reverse=True)[:_MOST_ABSENCES], key=lambda one: one.begin)),
        paths=len({path for path, _ in totals.traffic.paths if path}),
        pools=tuple(_pools(totals.traffic.paths)),
    )


def _length(absence: Absence) -> int:
    return absence.end - absence.begin


def _absences(nodes: Mapping[tuple[str, int], int]) -> Iterator[Absence]:
    """Gaps in a busy node's minutes while other nodes go on."""
    active: dict[str, dict[int, int]] = defaultdict(dict)
    everything: Counter[int] = Counter()
    for (node, minute), requests in nodes.items():
        if minute:
            active[node][minute] = requests
            everything[minute] += requests
    if len(active) < 2:
        return
    begin, end, busy = min(everything), max(everything), _Busy(everything)
    for node in sorted(active):
        minutes = sorted(active[node])
        rate = sum(active[node].values()) / (minutes[-1] - minutes[0] + 1)
        for before, after in zip([begin - 1, *minutes], [*minutes, end + 1], strict=True):
            gap = after - before - 1
            if gap > 0 and rate * gap >= _EXPECTED and busy.between(before, after):
                yield Absence(node, before + 1, after - 1, came=before < begin, left=after > end)


class _Busy:
    """How busy the whole site was, by minute."""

    def __init__(self, requests: Mapping[int, int]) -> None:
        self._minutes = sorted(requests)
        self._before = [0, *accumulate(requests[minute] for minute in self._minutes)]
        self._half = self._before[-1] / (self._minutes[-1] - self._minutes[0] + 1) / 2

    def between(self, before: int, after: int) -> bool:
        """Whether it was as busy between these minutes as half of its average, at least."""
        begin, end = bisect_right(self._minutes, before), bisect_left(self._minutes, after)
        return self._before[end] - self._before[begin] >= self._half * (after - before - 1)


def _from_absent(moves: Mapping[tuple[str, int], int], absences: Iterable[Absence]) -> int:
    """Moves away from a node that answered nobody then, or a minute before or after."""
    away: dict[str, list[Absence]] = defaultdict(list)
    for absence in absences:
        away[absence.node].append(absence)
    return sum(
        count
        for (node, minute), count in moves.items()
        if any(one.begin - 1 <= minute <= one.end + 1 for one in away.get(node, ()))
    )


def _pools(paths: Mapping[tuple[str, str], int]) -> Iterator[Pool]:
    """Nodes that share no path with other nodes, if there are several such groups."""
    requests: Counter[str] = Counter()
    for (path, _), count in paths.items():
        requests[path] += count
    answered: dict[str, set[str]] = defaultdict(set)
    for (path, node), count in paths.items():
        if path and requests[path] >= _FEW and count >= _STRAY * requests[path]:
            answered[path].add(node)
    groups: list[set[str]] = []
    for nodes in answered.values():
        touching = [group for group in groups if group & nodes]
        groups = [group for group in groups if not group & nodes] + [nodes.union(*touching)]
    if len(groups) > 1:
        for group in sorted(groups, key=lambda group: -sum(requests[p] for p, n in answered.items() if n & group)):
            found = sorted((p for p, n in answered.items() if n & group), key=lambda path: (-requests[path], path))
            yield Pool(tuple(sorted(group)), tuple(found[:_MOST_PATHS]))
