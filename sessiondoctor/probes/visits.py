"""Clients at the public entry: returning, fresh, without their affinity cookie, and one that ignores browser rules."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.visits import Hop, Reread, State, Visits, Walk
from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.probes.client import Client, Setting, Target, Turn
from sessiondoctor.probes.contract import Context, Probe
from sessiondoctor.probes.naming import clusters, named
from sessiondoctor.probes.recognise import stack_of
from sessiondoctor.probes.seen import Reader
from sessiondoctor.wire.address import join, split_url
from sessiondoctor.wire.client import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.cookie import Cookie
    from sessiondoctor.probes.contract import Absent, Options
    from sessiondoctor.topology.model import Topology

_CHAINS = 3
_READS = 5
_FRESH = 12
_RAW_READS = 2
_WITHHOLDING_READS = 3
_FROZEN_READS = 7
_STRANGERS = 2
_DENIED = {401, 403, 419, 440}
_GATEWAY = {502, 503, 504}
_TELLING = (
    "server", "via", "age", "cache-control", "vary", "x-cache", "cf-cache-status", "x-powered-by",
    "strict-transport-security",
)  # fmt: skip


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, which has the site for itself."""
    target = entry(topology)
    yield Probe(
        evidence=Visits,
        subject="site",
        describe=f"{_CHAINS} returning and {_FRESH} fresh clients through {target.authority}",
        contacts={target.authority: _bound(topology, options)},
        ask=_ask,
        holds=target.authority,
        timeout_s=options.deadline_s,
    )


def entry(topology: Topology) -> Target:
    """The public entry as a target."""
    site = topology.site
    return Target(site.url, tuple(site.headers.items()), Trust(ca=site.ca) if site.ca else Trust())


def _chains(options: Options) -> tuple[int, ...]:
    """How many reads each returning client makes after its write."""
    if options.requests is None:
        return (_READS,) * _CHAINS
    each, left = divmod(max(options.requests, _CHAINS * 2), _CHAINS)
    return tuple(each - 1 + (number < left) for number in range(_CHAINS))


def _bound(topology: Topology, options: Options) -> int:
    """The most requests of one visit, redirects included."""
    flow = topology.site.flow
    write = len(flow.login) + max(len(flow.write), 1)
    read = max(len(flow.read), 1)
    chains = sum(write + reads * read for reads in _chains(options))
    chosen = (_RAW_READS, _WITHHOLDING_READS, _FROZEN_READS)
    extra = sum(write + reads * read for reads in chosen) + (_CHAINS + _STRANGERS) * read
    return (1 + chains + extra + _FRESH * write) * (Target(topology.site.url).hops + 1)


async def _ask(ctx: Context) -> Visits:
    return await _Tour(ctx, entry(ctx.topology), Reader(ctx.topology, ctx.vault)).visits()


@dataclass(slots=True)
class _Heard:
    """A hop while it is still to be named by its headers."""

    hop: Hop
    headers: dict[str, str]


@dataclass(slots=True)
class _Visitor:
    """A client and what it has seen: one heard hop a request."""

    client: Client
    heard: list[_Heard] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    wrote_at: float = 0.0
    wrote: str = ""

    @property
    def walk(self) -> Walk:
        return Walk(tuple(heard.hop for heard in self.heard))


@dataclass(slots=True)
class _Tour:
    """All visits of one scan."""

    ctx: Context
    target: Target
    reader: Reader
    began: float = field(default_factory=time.monotonic)
    visitors: list[_Visitor] = field(default_factory=list)

    async def visits(self) -> Visits:
        landing = await self._land()
        returning = await self._returning()
        if all(visitor.wrote for visitor in returning) and not any(_gateway_failed(visitor) for visitor in returning):
            raise Unavailable(
                f"site.flow: {returning[0].wrote}", hint="correct site.flow; `curl` with the same request shows why"
            )
        fresh = await self._fresh()
        cookies = self._cookies(landing, returning)
        without = await self._without_affinity(cookies)
        raw = await self._raw(cookies)
        frozen = await self._frozen()
        leaked = await self._leaked(returning[0])
        rereads = await self._rereads(returning)
        self._name_by_headers()
        summed = self._summed(landing, cookies, returning, fresh, without, raw, rereads)
        return replace(summed, frozen=frozen.walk, leaked=leaked)

    async def _land(self) -> Turn:
        turn = await Client(self.ctx.wire, self.target, Jar()).open()
        if turn.response is None:
            raise Unavailable(turn.trouble, hint="check the URL, site.resolve and whether the site is up")
        return turn

    async def _returning(self) -> list[_Visitor]:
        """One client alone, then the others together: in lockstep they could meet the same node by turns."""
        reads = _chains(self.ctx.options)
        first = await self._chain(reads[0])
        others = await asyncio.gather(*(self._chain(count) for count in reads[1:]))
        return [first, *others]

    async def _chain(self, reads: int) -> _Visitor:
        visitor = self._visitor(Jar())
        if await self._write(visitor):
            for _ in range(reads):
                await self._read(visitor)
        return visitor

    async def _fresh(self) -> list[_Visitor]:
        visitors = [self._visitor(Jar()) for _ in range(_FRESH)]
        await asyncio.gather(*(self._write(visitor) for visitor in visitors))
        return visitors

    async def _without_affinity(self, cookies: tuple[Cookie, ...]) -> list[_Visitor]:
        names = {cookie.name for cookie in cookies if cookie.role == "affinity"}
        if not names:
            return []
        visitor = self._visitor(Jar())
        if await self._write(visitor):
            for _ in range(_WITHHOLDING_READS):
                visitor.client.jar = visitor.client.jar.without(names)
                await self._read(visitor)
        return [visitor]

    async def _raw(self, cookies: tuple[Cookie, ...]) -> _Visitor | None:
        if not any(cookie.refused or cookie.withheld for cookie in cookies):
            return None
        visitor = self._visitor(RawJar())
        if await self._write(visitor):
            for _ in range(_RAW_READS):
                await self._read(visitor)
        return visitor

    async def _frozen(self) -> _Visitor:
        """A client that keeps to its first cookies: a balancer that follows them always chooses one node."""
        visitor = self._visitor(Jar())
        if await self._write(visitor):
            first = visitor.client.jar.copy()
            for _ in range(_FROZEN_READS):
                visitor.client.jar = first.copy()
                await self._read(visitor)
        return visitor

    async def _leaked(self, known: _Visitor) -> bool | None:
        """Whether strangers with empty jars are shown what another client wrote."""
        if not (self.ctx.topology.site.flow.write and self.ctx.topology.site.flow.read):
            return None
        for _ in range(_STRANGERS):
            stranger = Client(self.ctx.wire, self.target, Jar())
            stranger.values["marker"] = known.client.values["marker"]
            turn = await stranger.steps(self.ctx.topology.site.flow.read)
            if read_state(turn, "marker") == "kept":
                return True
        return False

    async def _rereads(self, returning: list[_Visitor]) -> tuple[Reread, ...]:
        """The earliest session once more; whoever lost it before has nothing to re-read."""
        rereads = []
        for visitor in returning[:1]:
            before = visitor.walk
            if before.lost or not before.hops[0].session:
                continue
            await self._read(visitor)
            last = visitor.heard.pop().hop
            age = round(time.monotonic() - self.began - before.hops[0].at_s, 1)
            rereads.append(Reread(before.hops[0].session, age, last.state, before.hops[-1].node, last.node))
        return tuple(rereads)

    def _visitor(self, jar: Jar) -> _Visitor:
        visitor = _Visitor(Client(self.ctx.wire, self.target, jar))
        self.visitors.append(visitor)
        return visitor

    async def _write(self, visitor: _Visitor) -> bool:
        flow = self.ctx.topology.site.flow
        turn = await visitor.client.steps((*flow.login, *flow.write))
        visitor.wrote = turn.trouble
        self._hear(visitor, turn, "unknown" if turn.trouble or not flow.write else "kept")
        return not turn.trouble

    async def _read(self, visitor: _Visitor) -> None:
        flow = self.ctx.topology.site.flow
        turn = await visitor.client.steps(flow.read)
        self._hear(visitor, turn, read_state(turn, flow.write and flow.read))

    def _hear(self, visitor: _Visitor, turn: Turn, state: State) -> None:
        flow = bool(self.ctx.topology.site.flow.read and self.ctx.topology.site.flow.write)
        before = visitor.heard[-1].hop.session if visitor.heard else ""
        visitor.settings += turn.settings
        session = self._session(visitor) or ""
        renewed = bool(before and session and session != before)
        node, named_by = named(self.ctx.topology, self.reader.peers(), turn)
        response = turn.response
        hop = Hop(
            at_s=round(time.monotonic() - self.began, 3),
            node=node,
            named_by=named_by,
            status=response.status if response else 0,
            session=session,
            state=state if flow else ("lost" if renewed else "unknown"),
            renewed=renewed,
            set_cookies=tuple(dict.fromkeys(self._names(turn))),
            trouble=turn.trouble if state != "lost" else "",
        )
        visitor.heard.append(_Heard(hop, {k.lower(): v for k, v in response.headers} if response else {}))

    def _names(self, turn: Turn) -> Iterator[str]:
        for setting in turn.settings:
            cookie = self.reader.cookie(setting, self.target.url)
            if cookie:
                yield cookie.name

    def _session(self, visitor: _Visitor) -> str:
        """The token of the session id that the client holds now."""
        held = {cookie.name for cookie in visitor.client.jar.all()}
        for setting in reversed(visitor.settings):
            cookie = self.reader.cookie(setting, self.target.url)
            if cookie and cookie.role == "session" and cookie.name in held:
                return cookie.token
        return ""

    def _cookies(self, landing: Turn, returning: list[_Visitor]) -> tuple[Cookie, ...]:
        read = self.ctx.topology.site.flow.read
        read_url = join(self.target.url, "." + read[-1].path) if read else self.target.url
        settings = [*landing.settings, *(setting for visitor in returning for setting in visitor.settings)]
        return self.reader.first_of_each(settings, read_url)

    def _shared(self) -> int:
        """How many clients held a session that another client held, too."""
        held = [{one.hop.session for one in visitor.heard if one.hop.session} for visitor in self.visitors]
        return sum(any(mine & other for other in held if other is not mine) for mine in held)

    def _name_by_headers(self) -> None:
        """Where nothing names a node, the groups of response headers do, if they are clean."""
        heard = [one for visitor in self.visitors for one in visitor.heard if one.headers]
        if any(one.hop.node for one in heard):
            return
        for one, letter in zip(heard, clusters([one.headers for one in heard]), strict=True):
            one.hop = replace(one.hop, node=letter, named_by="headers" if letter else "")

    def _summed(
        self, landing: Turn, cookies: tuple[Cookie, ...], returning: list[_Visitor], fresh: list[_Visitor],
        without: list[_Visitor], raw: _Visitor | None, rereads: tuple[Reread, ...],
    ) -> Visits:  # fmt: skip
        assert landing.response
        response, flow = landing.response, self.ctx.topology.site.flow
        headers = {k.lower(): v[:200] for k, v in response.headers if k.lower() in _TELLING}
        stack, because = stack_of((s for visitor in returning for s in visitor.settings), headers)
        affinity = tuple(c.name for c in cookies if c.role == "affinity" or c.route)
        return Visits(
            url=response.url.partition("?")[0],
            status=response.status,
            tls=response.url.startswith("https://"),
            address=response.address,
            redirected_to=tuple(str(split_url(url).origin) for url in landing.redirects),
            headers=headers,
            stack=stack,
            stack_because=because,
            flow=bool(flow.write and flow.read),
            cookies=cookies,
            returning=tuple(visitor.walk for visitor in returning),
            raw=raw.walk if raw else None,
            fresh=tuple(visitor.heard[0].hop for visitor in fresh),
            without_affinity=tuple(visitor.walk for visitor in without),
            rereads=rereads,
            affinity_cookies=affinity,
            fresh_with_affinity=sum(bool(set(visitor.heard[0].hop.set_cookies) & set(affinity)) for visitor in fresh),
            shared_sessions=self._shared(),
            cached_reads=sum(from_cache(one.headers) for visitor in self.visitors for one in visitor.heard[1:]),
        )


def _gateway_failed(visitor: _Visitor) -> bool:
    """Whether a proxy answered for a node that it could not use: an observation, not a mistake in the flow."""
    return visitor.heard[0].hop.status in _GATEWAY


def from_cache(headers: dict[str, str]) -> bool:
    """Whether a shared cache says that it gave this response: Age (RFC 9111, 5.1), or the usual HIT headers."""
    said = " ".join(headers.get(name, "") for name in ("x-cache", "cf-cache-status", "x-cache-status")).lower()
    return "hit" in said.split() or headers.get("age", "0").strip() not in {"", "0"}


def read_state(turn: Turn, followed: object) -> State:
    """Whether the state is there: the expected text is; or it is not, on a page that was served or denied."""
    if turn.response is None or not followed:
        return "unknown"
    if not turn.trouble:
        return "kept"
    status = turn.response.status
    return "lost" if status < 400 or status in _DENIED else "unknown"  # noqa: PLR2004 - the first error status
