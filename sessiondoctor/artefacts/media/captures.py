"""Captures: what curl, browsers, stores and balancers showed somebody. They fill the evidence that probes fill."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.media import Format, Match
from sessiondoctor.artefacts.media.logs import log_of
from sessiondoctor.captures import balancers, redis_cli
from sessiondoctor.captures.cookie_table import looks_like_cookie_table, read_cookie_table
from sessiondoctor.captures.har import looks_like_har, read_har
from sessiondoctor.captures.products import acquaintance_of
from sessiondoctor.captures.stick_tables import looks_like_table, read_tables
from sessiondoctor.captures.transcript import looks_like_transcript, read_transcript
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.evidence.balancers.stick_tables import StickTables
from sessiondoctor.evidence.entry.acquaintance import Acquaintance
from sessiondoctor.evidence.entry.shown_cookies import ShownCookies
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Piece
from sessiondoctor.evidence.keys.key_rings import KeyRings
from sessiondoctor.evidence.logs import Log
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.formats.plain_text import decoded
from sessiondoctor.logs.finder import Finder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sessiondoctor.artefacts.media import Given
    from sessiondoctor.artefacts.source import Source
    from sessiondoctor.captures.recorded import Recorded

EVIDENCE = (Visits, ShownCookies, Acquaintance, RedisServer, BalancerStatus, StickTables, KeyRings, Log)
FORMATS = (
    Format("har", "HTTP Archive of a browser or a proxy"),
    Format("curl", "Output of curl -i, -v or -D -, and bare Set-Cookie lines"),
    Format("cookie-table", "Table of cookies, copied from a browser's developer tools"),
    Format("redis-cli", "Output of redis-cli INFO and CONFIG GET"),
    Format("data-protection-keys", "Data Protection key ring: XML files, or LRANGE of its list"),
    Format("haproxy-stat", "HAProxy's show stat"),
    Format("haproxy-table", "HAProxy's show table"),
    Format("haproxy-servers-state", "HAProxy's show servers state"),
    Format("envoy-clusters", "Envoy's /clusters?format=json"),
    Format("envoy-config-dump", "Envoy's /config_dump, beside its /clusters"),
)
_LARGEST = 64 << 20
_RECOGNISED: tuple[tuple[str, Callable[[str], bool], int], ...] = (
    ("har", looks_like_har, 100),
    ("haproxy-stat", balancers.looks_like_haproxy, 100),
    ("haproxy-table", looks_like_table, 100),
    ("haproxy-servers-state", balancers.looks_like_servers_state, 100),
    ("envoy-clusters", balancers.looks_like_envoy, 95),
    ("envoy-config-dump", balancers.looks_like_config_dump, 95),
    ("data-protection-keys", redis_cli.looks_like_ring, 95),
    ("redis-cli", redis_cli.looks_like_info, 95),
    ("curl", looks_like_transcript, 90),
    ("cookie-table", looks_like_cookie_table, 85),
)
_READERS: dict[str, Callable[[str], tuple[Recorded, ...]]] = {
    "har": read_har,
    "curl": read_transcript,
    "cookie-table": read_cookie_table,
}


def recognise(source: Source) -> Match | None:
    """By its content alone."""
    found = ((name, score) for name, knows, score in _RECOGNISED if knows(source.head))
    return next((Match(source, name, score) for name, score in found), None)


def gather(matched: Sequence[Match], given: Given) -> Iterator[Piece]:
    """Visits of all recorded clients together; a piece for each store and balancer; lines that say what logs do."""
    by_format = {one.name: [match.source for match in matched if match.format == one.name] for one in FORMATS}
    yield from _visits([match for match in matched if match.format in _READERS], given)
    for source in by_format["redis-cli"]:
        yield Piece(RedisServer, _name(source), redis_cli.read_redis(_text(source), _name(source)))
    if by_format["data-protection-keys"]:
        rings = tuple(redis_cli.read_ring(_text(one), _name(one)) for one in by_format["data-protection-keys"])
        yield Piece(KeyRings, "site", redis_cli.rings_of(rings))
    if by_format["haproxy-table"]:
        read = (read_tables(_text(one), _name(one), one.name, given.redactor) for one in by_format["haproxy-table"])
        yield Piece(StickTables, "site", StickTables(tuple(table for tables in read for table in tables)))
    dumps = {_name(source): _text(source) for source in by_format["envoy-config-dump"]}
    for name in ("haproxy-stat", "haproxy-servers-state", "envoy-clusters"):
        for source in by_format[name]:
            yield _balancer(name, source, given, dumps)
    if dumps and not by_format["envoy-clusters"]:
        why = "Envoy's configuration does not tell its hosts"
        yield Piece(BalancerStatus, next(iter(dumps)), unavailable=why, hint="give its /clusters?format=json as well")
    yield from _lines([match.source for match in matched if match.format in {"curl", "redis-cli"}], given)


def _visits(matched: Sequence[Match], given: Given) -> Iterator[Piece]:
    exchanges: list[Recorded] = []
    for match in takewhile(lambda _: not given.stopped(), matched):
        try:
            read = _READERS[match.format](_text(match.source))
            exchanges += (_placed(exchange, match.source) for exchange in read)
        except ValueError as error:
            yield Piece(Visits, "site", unavailable=f"{match.source.name}: {error}")
    visits = _read(exchanges, given) if exchanges else None
    seen = acquaintance_of(exchanges, given.catalogue.products.values()) if exchanges else None
    if seen:
        yield Piece(Acquaintance, "site", seen)
    if exchanges:
        yield Piece(ShownCookies, "site", _shown(exchanges, given))
    if visits:
        yield Piece(Visits, "site", visits)
    elif matched:
        yield Piece(Visits, "site", absent="no response of the capture sets a cookie", hint="capture the login as well")


def _placed(exchange: Recorded, source: Source) -> Recorded:
    """With its file, and the owner's name as its place where the user gave one."""
    owner = source.owner if source.owner not in {"", source.name} else ""
    return replace(exchange, file=source.name, place=exchange.place or owner)


def _shown(exchanges: list[Recorded], given: Given) -> ShownCookies:
    from sessiondoctor.captures.shown_cookies import shown_cookies_of  # with all that tells cookies apart

    return shown_cookies_of(exchanges, given.topology, given.redactor)


def _read(exchanges: list[Recorded], given: Given) -> Visits | None:
    from sessiondoctor.captures.visits import visits_of  # with all that a scan reads responses with

    return visits_of(exchanges, given.topology, given.redactor)


def _balancer(form: str, source: Source, given: Given, dumps: Mapping[str, str]) -> Piece:
    """One balancer; `dumps` are configurations of Envoy by owner, of which a single one is everybody's."""
    name, text = _name(source), _text(source)
    dump = dumps.get(name) or (next(iter(dumps.values())) if len(dumps) == 1 else "{}")
    try:
        if form == "haproxy-stat":
            status = balancers.read_haproxy(text, name, given.topology)
        elif form == "haproxy-servers-state":
            status = balancers.read_servers_state(text, name, given.topology)
        else:
            status = balancers.read_envoy(text, name, given.topology, dump)
    except Unavailable as trouble:
        return Piece(BalancerStatus, name, unavailable=trouble.reason)
    return Piece(BalancerStatus, name, status)


def _lines(sources: Sequence[Source], given: Given) -> Iterator[Piece]:
    """An error in a body, or in a reply of a store, is as good as in a log."""
    finder = Finder(tuple(given.catalogue.signatures.values())) if sources else None
    found = (log_of(source, finder, given) for source in sources if finder)
    yield from (piece for piece in found if piece.value and piece.value.hits)


def _name(source: Source) -> str:
    return source.owner or source.name


def _text(source: Source) -> str:
    return decoded(source.read(_LARGEST))
