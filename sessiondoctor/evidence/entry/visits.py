"""What clients see at the public entry, through CDN and load balancer."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from sessiondoctor.evidence.entry.odds import (
    DECIDED,
    Shares,
    Sightings,
    chance_of_moves,
    loss_interval,
    posterior,
    power_of,
    shares_of,
)
from sessiondoctor.evidence.network.clocks import Reading
from sessiondoctor.evidence.responses.cookie import Cookie

if TYPE_CHECKING:
    from collections.abc import Iterator

State = Literal["kept", "lost", "unknown"]
NamedBy = Literal["marker", "affinity-cookie", "route", "stats", "headers", ""]
Place = Literal["home", "elsewhere", "unknown"]
"""Who answered one visit: only the node that made the session, some other node as well, or nobody knows."""

_NO_ANSWER = {0, 429}  # no response; Too Many Requests
_ENOUGH = 4  # reads of returning clients: two nodes at random lose none of them with a chance of 1 in 16
_PLENTY = 16  # looks: by chance, all on one of two nodes once in 65,000 scans


@dataclass(frozen=True, slots=True)
class Exchange:
    """One visit of one client: a request, or the steps of a flow, with the redirects that were followed.

    Attributes:
        at_s: seconds since the first request of the scan's visits.
        node: who decided, as named in the topology, else the marker's own text, else `A`, `B` ... by header
            clustering; empty if unknown. Of a write the node that set the session's cookie, of a read the one that
            showed the state or showed that it is gone; never the one that a redirect only led to.
        named_by: how that is known.
        session: token of the session id after this response; empty if the client holds none.
        state: whether what was written is still there. Without a flow: `lost` if another session id was issued
            to a client that returned one, else `unknown`.
        renewed: the response replaced the session id by one with another base.
        set_cookies: names of cookies this response set.
        trouble: why there was no usable response (refused, timeout, expectation not met ...); empty otherwise.
        dropped: of these cookies the ones that a browser does not keep, or not send back to where the state is read,
            as `name: reason`.
        met: who gave each answer that may have decided, in order, empty where unknown.
        answered: who gave each answer of the visit, likewise; redirects are answers, too.
        original: the client came with the session that it wrote into, and not with one that it was given since.
        held: how many cookies the client held afterwards.
    """

    at_s: float
    node: str = ""
    named_by: NamedBy = ""
    status: int = 0
    session: str = ""
    state: State = "unknown"
    renewed: bool = False
    set_cookies: tuple[str, ...] = ()
    trouble: str = ""
    dropped: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    original: bool = True
    held: int = 0

    @property
    def first(self) -> str:
        """Who gave the first answer; empty if unknown."""
        return self.answered[0] if self.answered else self.node


@dataclass(frozen=True, slots=True)
class Trace:
    """The visits of one client, in order; the first one writes.

    Attributes:
        homes: who answered from the cookie of the session on until the state was in it; empty where unknown. More
            than one where the steps of the flow were answered by several. Not given: the node of the first visit.
    """

    exchanges: tuple[Exchange, ...]
    homes: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """Who answered each request, in order, unknown ones left out."""
        return tuple(node for exchange in self.exchanges for node in exchange.answered or (exchange.node,) if node)

    @property
    def moved(self) -> bool:
        """Whether more than one node served this client."""
        return len(set(self.nodes)) > 1

    @property
    def lost(self) -> bool:
        """Whether any request after the first found the state gone."""
        return any(exchange.state == "lost" for exchange in self.exchanges[1:])

    @property
    def home(self) -> str:
        """The one node that made the session and was sent the state; empty if unknown, or several."""
        homes = set(self._homes)
        return next(iter(homes)) if len(homes) == 1 else ""

    def place(self, exchange: Exchange) -> Place:
        """Whether it was the session's own node that decided in one visit."""
        met, homes = set(exchange.met or (exchange.node,)), set(self._homes)
        others = met - homes - {""} if "" not in homes else set()
        if others or len(homes - {""}) > 1:
            return "elsewhere"
        return "home" if met == homes and "" not in met else "unknown"

    def at(self, place: Place, state: State) -> tuple[Exchange, ...]:
        """The later visits with this outcome that were decided there.

        A node is at home only with the session that it made: not with one that replaced it since.
        """
        found = (one for one in self.exchanges[1:] if one.state == state and self.place(one) == place)
        return tuple(one for one in found if one.original or place != "home")

    @property
    def comes_and_goes(self) -> bool:
        """Whether one and the same session was gone, and there again, and gone again, or the other way round."""
        states = [one.state for one in self.exchanges[1:] if one.original and one.state in {"kept", "lost"}]
        changes = sum(before != after for before, after in pairwise(states))
        return changes >= 2

    @property
    def _homes(self) -> tuple[str, ...]:
        return self.homes or ((self.exchanges[0].node,) if self.exchanges else ("",))


@dataclass(frozen=True, slots=True)
class LossRate:
    """How many looks at a state found it gone.

    A session that is gone stays gone, and visits end early where all is clear: the looks are no independent sample, and
    less is known than the interval says.

    Attributes:
        low, high: 95 % confidence interval of the rate (Wilson).
    """

    lost: int
    looked: int
    low: float
    high: float

    @classmethod
    def of(cls, lost: int, looked: int) -> LossRate:
        """The rate with its interval."""
        low, high = loss_interval(lost, looked)
        return cls(lost, looked, round(low, 2), round(high, 2))

    def __str__(self) -> str:
        share = f"{self.low * 100:.0f} to {self.high * 100:.0f} %"
        return f"{self.lost} of {self.looked} follow-up requests lost the state ({share})"

    @property
    def seen(self) -> dict[str, float]:
        """For `seen` of a verdict."""
        return {"lost": self.lost, "looked": self.looked, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Reread:
    """An early session, read once more at the end of the visits; `evicted` style losses show here."""

    session: str
    age_s: float
    state: State
    node_then: str = ""
    node_now: str = ""


@dataclass(frozen=True, slots=True)
class Visits:
    """Everything the clients of the public entry saw.

    Attributes:
        url: the entry after redirects, without query.
        redirected_to: scheme://host:port of each redirect target in order, also a foreign one where following stopped.
        headers: response headers of the first answer that tell something (server, via, age, cache-control, vary,
            x-cache, cf-cache-status, x-powered-by, strict-transport-security), lower-case names.
        stack: recognised framework; `stack_because` says by what.
        flow: whether the topology declares write and read, so that state itself was followed.
        cookies: the first Set-Cookie of each name on this route, in order of appearance.
        returning: browser-true clients that send back everything a browser sends.
        raw: a client that sends back every cookie, whatever a browser would do; None where nothing differs.
        fresh: the first response to each client that came once; see `firsts`.
        without_affinity: clients that send the session cookie and withhold the affinity cookie; empty if there is none.
        frozen: a client that goes on sending the cookies of its first response, whatever is set later: where the
            balancer sends one and the same cookie.
        leaked: whether a new client, which has nothing of another one, was shown what that had written; None if that
            cannot be told, as where nobody can look without a token that the site gave to one client.
        strangers_set: whether a response to a new client without cookies, who looks for state, sets or deletes a
            session cookie; None if not asked.
        rereads: early sessions read again at the end.
        affinity_cookies: names of affinity cookies seen; a session cookie that carries a route counts.
        fresh_with_affinity: how many of `firsts` carried an affinity cookie (or route).
        shared_sessions: how many clients held a session id that another client held, too.
        cached_reads: how many answers to a client with a session came from a shared cache.
        awaited_by_post: names of cookies that were set on the way to a login at another site which answers by POST.
        doubled: names of which a browser sent more than one cookie with one request.
        kept_alive: a client whose requests all went over one connection; None if it was not kept open, or not asked.
        carrier: what the session travels in, as far as that is known: a cookie, a header, URLs.
        login: returning clients came with the cookies of somebody who had logged in before.
        pool: how many nodes the topology declares.
        captured: this is what somebody recorded of a few requests: what it does not show may be there all the same.
        page_keys: ids of the Data Protection keys by which pages and cookies were sealed.
        clocks: of balancers, by the dates in their affinity cookies.
    """

    url: str
    status: int
    tls: bool
    address: str = ""
    redirected_to: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    stack: str = ""
    stack_because: str = ""
    flow: bool = False
    cookies: tuple[Cookie, ...] = ()
    returning: tuple[Trace, ...] = ()
    raw: Trace | None = None
    fresh: tuple[Exchange, ...] = ()
    without_affinity: tuple[Trace, ...] = ()
    frozen: Trace | None = None
    leaked: bool | None = None
    strangers_set: bool | None = None
    rereads: tuple[Reread, ...] = ()
    affinity_cookies: tuple[str, ...] = ()
    fresh_with_affinity: int = 0
    shared_sessions: int = 0
    cached_reads: int = 0
    awaited_by_post: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    kept_alive: Trace | None = None
    pool: int = 0
    carrier: Literal["cookie", "header", "url"] = "cookie"
    login: bool = False
    captured: bool = False
    page_keys: tuple[str, ...] = ()
    clocks: tuple[Reading, ...] = ()

    @property
    def clients(self) -> dict[str, Trace]:
        """Every client that came back, by the name that a report gives it."""
        several = {"returning": self.returning, "without affinity cookie": self.without_affinity}
        single = {"raw": self.raw, "frozen": self.frozen, "kept alive": self.kept_alive}
        numbered = {f"{kind} {n}": trace for kind, traces in several.items() for n, trace in enumerate(traces, 1)}
        return numbered | {name: trace for name, trace in single.items() if trace}

    def client(self, trace: Trace | None) -> str:
        """The name of the client with this trace; empty if there is none."""
        return next((name for name, one in self.clients.items() if one == trace), "")

    @property
    def is_empty(self) -> bool:
        """Whether no request was answered: there was no response, or the site said that it had none to give."""
        exchanges = [*(exchange for trace in self.clients.values() for exchange in trace.exchanges), *self.fresh]
        statuses = [exchange.status for exchange in exchanges] or [self.status]
        return not self.captured and all(status in _NO_ANSWER or status >= 500 for status in statuses)

    @property
    def session_cookie(self) -> Cookie | None:
        """The session cookie, if one was set."""
        return next((cookie for cookie in self.cookies if cookie.role == "session"), None)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node seen, sorted."""
        traces = (*self.returning, *self.without_affinity)
        return tuple(
            sorted(
                {n for trace in traces for n in trace.nodes}
                | {exchange.first for exchange in self.fresh if exchange.first}
            )
        )

    @property
    def firsts(self) -> tuple[Exchange, ...]:
        """The first response to each client that came with an empty jar."""
        if self.login:
            return self.fresh
        return (*self.fresh, *(trace.exchanges[0] for trace in self.returning))

    def pairs(self, state: State) -> set[frozenset[str]]:
        """The pairs of nodes, the session's own and another one, between which a session came to this."""
        return {
            frozenset((trace.home, exchange.node))
            for trace in self.returning
            for exchange in trace.at("elsewhere", state)
            if trace.home and exchange.node and exchange.original
        }

    @property
    def odds(self) -> dict[str, float]:
        """The probability of each way to choose a node (see `odds.py`); whoever asks has two nodes at least.

        All alike where nothing tells which node answered.
        """
        return posterior(self._sightings)

    @property
    def shares(self) -> Shares:
        """How the balancer spreads what nothing binds."""
        return shares_of(self._sightings)

    @property
    def steps(self) -> int:
        """How many times a returning client came back, where it is known who answered."""
        return sum(max(len(trace.nodes) - 1, 0) for trace in self.returning)

    @property
    def moves(self) -> int:
        """How many of these steps led to another node."""
        return sum(before != after for trace in self.returning for before, after in pairwise(trace.nodes))

    @property
    def power(self) -> float:
        """How far what was seen rules out that nobody is kept on a node; 0 if no node is known."""
        return power_of(self.odds)

    @property
    def binds(self) -> bool:
        """Whether returning clients lost nothing, and something is seen to keep each on its node."""
        kept = sum(exchange.state == "kept" for exchange in self._looks())
        if self.lost or kept < _ENOUGH or self.moves:
            return False
        return self.power >= DECIDED if self.steps else bool(self.affinity_cookies)

    @property
    def keeps_all(self) -> bool:
        """Whether returning clients lost nothing in so many looks that of two nodes each would have met the other one.

        Where nodes do not share sessions, something keeps clients then, be it seen or not: their address, their path.
        """
        kept = sum(exchange.state == "kept" for exchange in self._looks())
        return kept >= _PLENTY and not self.lost and not self.moves

    def chance_if_kept(self, moves: int) -> float:
        """The probability of at least so many moves of returning clients, if the balancer keeps them."""
        return chance_of_moves(moves, self.steps)

    @property
    def looked(self) -> int:
        """How many looks of returning clients told whether the state is there; of ids alone, the answered ones."""
        return sum(1 for _ in self._looks())

    @property
    def lost(self) -> int:
        """How many of these follow-up requests found it gone."""
        return sum(exchange.state == "lost" for exchange in self._looks())

    @property
    def loss(self) -> LossRate:
        """The rate of losses."""
        return LossRate.of(self.lost, self.looked)

    @property
    def _sightings(self) -> Sightings:
        traces = tuple(trace.nodes for trace in self.returning if trace.nodes)
        fresh = tuple(exchange.first for exchange in self.fresh if exchange.first)
        return Sightings(traces, fresh, max(self.pool, 2) if traces or fresh else 0)

    def _looks(self) -> Iterator[Exchange]:
        exchanges = (exchange for trace in self.returning for exchange in trace.exchanges[1:])
        return (
            exchange for exchange in exchanges if exchange.state != "unknown" or not (self.flow or exchange.trouble)
        )
