"""What happened to each client, for a report: request by request, with tokens, never values."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.entry.entry_points import EntryPoints
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.flows.logins import Logins
from sessiondoctor.model import ClientHistory, ClientRequest, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessiondoctor.evidence.entry.visits import Exchange, Trace
    from sessiondoctor.evidence.gathered import Gathered

_MOST_CLIENTS = 20  # of a kind; a scan of 10 000 requests has a thousand
_MOST_REQUESTS = 100
_MOST_NAMED = 6
_TOLD = tuple(one.name for one in fields(ClientRequest))


def histories_of(gathered: Gathered) -> tuple[ClientHistory, ...]:
    """All clients of the public entry, of other entry points and of logins; none if nobody could look."""
    histories: list[ClientHistory] = []
    for evidence in (Visits, EntryPoints, Logins):
        for found in _found(gathered, evidence):
            histories += _several(found.clients)
            if isinstance(found, Visits) and found.fresh:
                histories.append(ClientHistory("fresh", _first_visits(found.fresh)))
    return tuple(histories)


def _found(gathered: Gathered, evidence: type[Any]) -> Iterator[Any]:
    return (piece.value for piece in gathered.of(evidence) if isinstance(piece.value, evidence))


def _several(clients: Mapping[str, Trace]) -> Iterator[ClientHistory]:
    """Where there are too many of a kind, those that lost something come before others."""
    for kind, names in groupby(clients, key=kind_of):
        telling = sorted(names, key=lambda name: not clients[name].lost)
        shown, rest = set(telling[:_MOST_CLIENTS]), telling[_MOST_CLIENTS:]
        yield from (_history(name, trace) for name, trace in clients.items() if name in shown)
        if rest:
            lost = sum(clients[name].lost for name in rest)
            yield ClientHistory(kind, f"{len(rest)} more clients; state lost by {lost} of them")


def _history(client: str, trace: Trace) -> ClientHistory:
    shown = trace.exchanges[:_MOST_REQUESTS]
    left_out = len(trace.exchanges) - len(shown)
    more = f"; {left_out} more not shown" if left_out else ""
    requests = tuple(ClientRequest(**{name: getattr(exchange, name) for name in _TOLD}) for exchange in shown)
    return ClientHistory(client, _course(trace.exchanges) + more, requests)


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
