"""What happened to each client, for a report: one strip a client, one beat a request; tokens, never values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.model import Beat, Strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.evidence.entry.visits import Exchange, Trace
    from sessiondoctor.evidence.gathered import Gathered

_MOST_CLIENTS = 20  # of a kind; a scan of 10 000 requests has a thousand
_MOST_BEATS = 100
_MOST_NAMED = 6
_SINGLE = ("raw", "frozen", "kept_alive")  # fields of Visits, which evidence of an older version may lack


def strips_of(gathered: Gathered) -> tuple[Strip, ...]:
    """The strips of all clients at the public entry; none if it could not be looked at."""
    found = (piece.value for piece in gathered.of(Visits) if isinstance(piece.value, Visits))
    return tuple(strip for visits in found for strip in _strips(visits))


def _strips(visits: Visits) -> Iterator[Strip]:
    yield from _several("returning", visits.returning)
    if visits.fresh:
        yield Strip("fresh", _first_visits(visits.fresh))
    yield from _several("without affinity cookie", visits.without_affinity)
    for name in _SINGLE:
        trace = getattr(visits, name, None)
        if trace:
            yield _strip(name.replace("_", " "), trace)


def _several(client: str, traces: Sequence[Trace]) -> Iterator[Strip]:
    """The clients of one kind, numbered; where there are too many, those that lost something come before others."""
    telling = sorted(range(len(traces)), key=lambda number: not traces[number].lost)
    shown = sorted(telling[:_MOST_CLIENTS])
    yield from (_strip(f"{client} {number + 1}", traces[number]) for number in shown)
    rest = [traces[number] for number in telling[_MOST_CLIENTS:]]
    if rest:
        lost = sum(trace.lost for trace in rest)
        yield Strip(client, f"{len(rest)} more clients; state lost by {lost} of them")


def _strip(client: str, trace: Trace) -> Strip:
    beats = tuple(_beat(exchange) for exchange in trace.exchanges[:_MOST_BEATS])
    left_out = len(trace.exchanges) - len(beats)
    more = f"; {left_out} more not shown" if left_out else ""
    return Strip(client, _course(trace.exchanges) + more, beats)


def _beat(exchange: Exchange) -> Beat:
    return Beat(
        node=exchange.node,
        state=exchange.state,
        status=exchange.status,
        session=exchange.session,
        renewed=exchange.renewed,
        at_s=exchange.at_s,
        named_by=exchange.named_by,
        trouble=exchange.trouble,
        dropped=exchange.dropped,
    )


def _course(exchanges: Sequence[Exchange]) -> str:
    """A whole trace in one line."""
    looked = [exchange for exchange in exchanges[1:] if exchange.state != "unknown"]
    lost = sum(exchange.state == "lost" for exchange in looked)
    state = f"state lost in {lost} of {len(looked)} looks" if looked else "state unknown"
    return ", ".join((_served("request", exchanges), state, _sessions(exchanges)))


def _first_visits(exchanges: Sequence[Exchange]) -> str:
    dropped = Counter(text for exchange in exchanges for text in exchange.dropped)
    told = (f"{text} ({count} times)" for text, count in dropped.most_common(_MOST_NAMED))
    return "; ".join((f"{_served('first visit', exchanges)}, {_sessions(exchanges)}", *told))


def _served(what: str, exchanges: Sequence[Exchange]) -> str:
    """`8 requests (app1 3, app2 5)`."""
    return f"{_counted(len(exchanges), what)} ({_listed(exchange.node or 'unknown node' for exchange in exchanges)})"


def _listed(names: Iterable[str]) -> str:
    counts = sorted(Counter(names).items())
    more = [f"{len(counts) - _MOST_NAMED} more nodes"] if len(counts) > _MOST_NAMED else []
    return ", ".join([*(f"{name} {count}" for name, count in counts[:_MOST_NAMED]), *more])


def _sessions(exchanges: Iterable[Exchange]) -> str:
    return _counted(len({exchange.session for exchange in exchanges if exchange.session}), "session id")


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'s' if count > 1 else ''}"
