"""What happened to each client, for a report: one strip a client, one beat a request; tokens, never values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.model import Beat, Strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.evidence.entry.visits import Hop, Walk
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
        walk = getattr(visits, name, None)
        if walk:
            yield _strip(name.replace("_", " "), walk)


def _several(client: str, walks: Sequence[Walk]) -> Iterator[Strip]:
    """The clients of one kind, numbered; where there are too many, those that lost something come before others."""
    telling = sorted(range(len(walks)), key=lambda number: not walks[number].lost)
    shown = sorted(telling[:_MOST_CLIENTS])
    yield from (_strip(f"{client} {number + 1}", walks[number]) for number in shown)
    rest = [walks[number] for number in telling[_MOST_CLIENTS:]]
    if rest:
        lost = sum(walk.lost for walk in rest)
        yield Strip(client, f"{len(rest)} more clients; state lost by {lost} of them")


def _strip(client: str, walk: Walk) -> Strip:
    beats = tuple(_beat(hop) for hop in walk.hops[:_MOST_BEATS])
    left_out = len(walk.hops) - len(beats)
    more = f"; {left_out} more not shown" if left_out else ""
    return Strip(client, _course(walk.hops) + more, beats)


def _beat(hop: Hop) -> Beat:
    return Beat(
        node=hop.node,
        state=hop.state,
        status=hop.status,
        session=hop.session,
        renewed=hop.renewed,
        at_s=hop.at_s,
        named_by=hop.named_by,
        trouble=hop.trouble,
        dropped=hop.dropped,
    )


def _course(hops: Sequence[Hop]) -> str:
    """A whole walk in one line."""
    looked = [hop for hop in hops[1:] if hop.state != "unknown"]
    lost = sum(hop.state == "lost" for hop in looked)
    state = f"state lost in {lost} of {len(looked)} looks" if looked else "state unknown"
    return ", ".join((_served("request", hops), state, _sessions(hops)))


def _first_visits(hops: Sequence[Hop]) -> str:
    dropped = Counter(text for hop in hops for text in hop.dropped)
    told = (f"{text} ({count} times)" for text, count in dropped.most_common(_MOST_NAMED))
    return "; ".join((f"{_served('first visit', hops)}, {_sessions(hops)}", *told))


def _served(what: str, hops: Sequence[Hop]) -> str:
    """`8 requests (app1 3, app2 5)`."""
    return f"{_counted(len(hops), what)} ({_listed(hop.node or 'unknown node' for hop in hops)})"


def _listed(names: Iterable[str]) -> str:
    counts = sorted(Counter(names).items())
    more = [f"{len(counts) - _MOST_NAMED} more nodes"] if len(counts) > _MOST_NAMED else []
    return ", ".join([*(f"{name} {count}" for name, count in counts[:_MOST_NAMED]), *more])


def _sessions(hops: Iterable[Hop]) -> str:
    return _counted(len({hop.session for hop in hops if hop.session}), "session id")


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'s' if count > 1 else ''}"
