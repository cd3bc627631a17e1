"""All that a check may import.

A check is one file, `checks/<family>/<check_id>.py`, with one function. Its parameters are the evidence it needs:

    from sessiondoctor.api import Problem, Severity, Verdicts, Visits, check

    @check(severity=Severity.HIGH, role="loss")
    def session_changes(visits: Visits) -> Verdicts:
        '''The session id is replaced although the client returned it.'''
        for trace in visits.returning:
            ...
            yield Problem("a client that returned its cookie was handed a new session", where=(request.node,))

`E` as a parameter type asks for the one piece of evidence of that kind, `tuple[E, ...]` for one of each subject
(every store, every balancer), `Topology` for what the user declared. Evidence that could not be had makes the check
inconclusive for that subject before the function runs; write `E | None` where the check can judge without it.

Yield `Problem` (fail), `Fine` (pass) or `Unknown` (inconclusive), one for each subject; yielding nothing is a pass.
Raise `NotApplicable` where the question does not arise and `Inconclusive` where the evidence is there and too thin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from sessiondoctor.evidence.location import Location
from sessiondoctor.model import Confidence, Severity
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from sessiondoctor.evidence.access_logs import AccessLog
    from sessiondoctor.evidence.balancers.status import BalancerStatus, Server
    from sessiondoctor.evidence.balancers.stick_tables import ShownTable, StickTables
    from sessiondoctor.evidence.configs.application import (
        Manager,
        ProxyTrust,
        Route,
        Secret,
        SessionCookie,
        SessionIdle,
        SessionStore,
        Setting,
        StoreServer,
    )  # fmt: skip
    from sessiondoctor.evidence.configs.balancing import (
        Affinity,
        Drain,
        Ejection,
        Header,
        Mistake,
        Pool,
        PoolServer,
        Proxy,
        RealIp,
        Rule,
        StickTable,
    )  # fmt: skip
    from sessiondoctor.evidence.configs.deployment import Service, Volume, Workload
    from sessiondoctor.evidence.configs.fact import CookieRule, Fact
    from sessiondoctor.evidence.configs.files import ConfigFile, Configs
    from sessiondoctor.evidence.entry.cross_site import CrossSiteVisit, CrossSiteVisits
    from sessiondoctor.evidence.entry.entry_points import EntryPoint, EntryPoints, EntryPointTest
    from sessiondoctor.evidence.entry.odds import processes_that_fit
    from sessiondoctor.evidence.entry.resumed import Resumed
    from sessiondoctor.evidence.entry.shown_cookies import SentCookies, ShownCookie, ShownCookies
    from sessiondoctor.evidence.entry.visits import Exchange, Reread, Trace, Visits
    from sessiondoctor.evidence.experiments.drill import Drill, DrilledSession, DrilledSocket, DrillStage, NodeDrill
    from sessiondoctor.evidence.flows.account_use import AccountUse
    from sessiondoctor.evidence.flows.forms import Forms, FormTry
    from sessiondoctor.evidence.flows.growth import Growth, SizeStep
    from sessiondoctor.evidence.flows.logins import Login, Logins, Recognition
    from sessiondoctor.evidence.flows.page_load import Asset, PageLoad
    from sessiondoctor.evidence.flows.rehearsal import NoPage, Rehearsal, RehearsedStep, Run
    from sessiondoctor.evidence.flows.updates import Burst, Queue, Updates
    from sessiondoctor.evidence.keys.key_rings import KeyRing, KeyRings, StoredKey
    from sessiondoctor.evidence.keys.key_sets import KeySets, PublishedKeys
    from sessiondoctor.evidence.keys.secret_prints import SecretPrints
    from sessiondoctor.evidence.keys.tokens import Token, Tokens
    from sessiondoctor.evidence.logs import Log
    from sessiondoctor.evidence.members.views import MemberView, SessionManager, islands
    from sessiondoctor.evidence.network.clocks import Clocks, Reading, odd_clocks
    from sessiondoctor.evidence.network.names import Answer, Names
    from sessiondoctor.evidence.nodes.changes import Arrival, Changed, Changes, Look
    from sessiondoctor.evidence.nodes.entry_replay import EntryReplay, Shown
    from sessiondoctor.evidence.nodes.replay import Cell, NodeVisit, Replay
    from sessiondoctor.evidence.nodes.same_node import SameNode, Tried
    from sessiondoctor.evidence.nodes.step_tests import StepTest, StepTests
    from sessiondoctor.evidence.responses.cookie import Cookie
    from sessiondoctor.evidence.sockets.sockets import SocketAnswer, SocketEnd, Sockets, SocketTry, Upgrade
    from sessiondoctor.evidence.stores.census import Census, Group, Quantiles
    from sessiondoctor.evidence.stores.hazelcast_members import HazelcastMember, HazelcastMembers
    from sessiondoctor.evidence.stores.located import Copy, Located, LocatedSession, Place
    from sessiondoctor.evidence.stores.memcached_ring import Ring, RingTry
    from sessiondoctor.evidence.stores.memcached_server import MemcachedServer
    from sessiondoctor.evidence.stores.redis_server import (
        Persistence,
        RedisServer,
        Replication,
        SlowCommand,
        Speed,
        Spike,
    )
    from sessiondoctor.evidence.stores.replicas import Replica, Replicas
    from sessiondoctor.evidence.stores.sentinels import Sentinels, SentinelView
    from sessiondoctor.evidence.stores.session_folders import SessionFolder
    from sessiondoctor.evidence.stores.session_tables import SessionTable, SessionTables
    from sessiondoctor.evidence.stores.store_reach import StoreReach

__all__ = [
    "AccessLog", "AccountUse", "Affinity", "Answer", "Arrival", "Asset", "BalancerStatus", "Burst", "Cell", "Census",
    "Changed", "Changes", "Clocks", "Confidence", "ConfigFile", "Configs", "Cookie", "CookieRule", "Copy",
    "CrossSiteVisit", "CrossSiteVisits", "Drain", "Drill", "DrillStage", "DrilledSession", "DrilledSocket", "Ejection",
    "EntryPoint", "EntryPointTest", "EntryPoints", "EntryReplay", "Exchange", "Fact", "Fine", "FormTry", "Forms",
    "Group", "Growth", "HazelcastMember", "HazelcastMembers", "Header", "Inconclusive", "KeyRing", "KeyRings",
    "KeySets", "Located", "LocatedSession", "Location", "Log", "Login", "Logins", "Look", "Manager", "MemberView",
    "MemcachedServer", "Mistake", "Names", "NoPage", "NodeDrill", "NodeVisit", "NotApplicable", "PageLoad",
    "Persistence", "Place", "Pool", "PoolServer", "Problem", "Proxy", "ProxyTrust", "PublishedKeys", "Quantiles",
    "Queue", "Reading", "RealIp", "Recognition", "RedisServer", "Rehearsal", "RehearsedStep", "Replay", "Replica",
    "Replicas", "Replication", "Reread", "Resumed", "Ring", "RingTry", "Route", "Rule", "Run", "SameNode", "Secret",
    "SecretPrints", "SentCookies", "SentinelView", "Sentinels", "Server", "Service", "SessionCookie", "SessionFolder",
    "SessionIdle", "SessionManager", "SessionStore", "SessionTable", "SessionTables", "Setting", "Severity", "Shown",
    "ShownCookie", "ShownCookies", "ShownTable", "SizeStep", "SlowCommand", "SocketAnswer", "SocketEnd", "SocketTry",
    "Sockets", "Speed", "Spike", "StepTest", "StepTests", "StickTable", "StickTables", "StoreReach", "StoreServer",
    "StoredKey", "Token", "Tokens", "Topology", "Trace", "Tried", "Unknown", "Updates", "Upgrade", "Verdicts", "Visits",
    "Volume", "Workload", "check", "compared", "islands", "named", "odd_clocks", "odd_ones", "processes_that_fit",
]  # fmt: skip

_EVIDENCE = {
    "access_logs": "AccessLog",
    "balancers.status": "BalancerStatus Server",
    "balancers.stick_tables": "ShownTable StickTables",
    "configs.application": "Manager ProxyTrust Route Secret SessionCookie SessionIdle SessionStore Setting StoreServer",
    "configs.balancing": "Affinity Drain Ejection Header Mistake Pool PoolServer Proxy RealIp Rule StickTable",
    "configs.deployment": "Service Volume Workload",
    "configs.fact": "CookieRule Fact",
    "configs.files": "ConfigFile Configs",
    "entry.cross_site": "CrossSiteVisit CrossSiteVisits",
    "entry.entry_points": "EntryPoint EntryPoints EntryPointTest",
    "entry.odds": "processes_that_fit",
    "entry.resumed": "Resumed",
    "entry.shown_cookies": "SentCookies ShownCookie ShownCookies",
    "entry.visits": "Exchange Reread Trace Visits",
    "experiments.drill": "Drill DrilledSession DrilledSocket DrillStage NodeDrill",
    "flows.account_use": "AccountUse",
    "flows.forms": "Forms FormTry",
    "flows.growth": "Growth SizeStep",
    "flows.logins": "Login Logins Recognition",
    "flows.page_load": "Asset PageLoad",
    "flows.rehearsal": "NoPage Rehearsal RehearsedStep Run",
    "flows.updates": "Burst Queue Updates",
    "keys.key_rings": "KeyRing KeyRings StoredKey",
    "keys.key_sets": "KeySets PublishedKeys",
    "keys.secret_prints": "SecretPrints",
    "keys.tokens": "Token Tokens",
    "logs": "Log",
    "members.views": "MemberView SessionManager islands",
    "network.clocks": "Clocks Reading odd_clocks",
    "network.names": "Answer Names",
    "nodes.changes": "Arrival Changed Changes Look",
    "nodes.entry_replay": "EntryReplay Shown",
    "nodes.replay": "Cell NodeVisit Replay",
    "nodes.same_node": "SameNode Tried",
    "nodes.step_tests": "StepTest StepTests",
    "responses.cookie": "Cookie",
    "sockets.sockets": "SocketAnswer SocketEnd Sockets SocketTry Upgrade",
    "stores.census": "Census Group Quantiles",
    "stores.hazelcast_members": "HazelcastMember HazelcastMembers",
    "stores.located": "Copy Located LocatedSession Place",
    "stores.memcached_ring": "Ring RingTry",
    "stores.memcached_server": "MemcachedServer",
    "stores.redis_server": "Persistence RedisServer Replication SlowCommand Speed Spike",
    "stores.replicas": "Replica Replicas",
    "stores.sentinels": "Sentinels SentinelView",
    "stores.session_folders": "SessionFolder",
    "stores.session_tables": "SessionTable SessionTables",
    "stores.store_reach": "StoreReach",
}
"""Where the evidence is; what a check does not name is not loaded for it."""


def __getattr__(name: str) -> Any:
    """A type of evidence, loaded when it is first asked for."""
    for module, names in _EVIDENCE.items():
        if name in names.split():
            found = globals()[name] = getattr(import_module(f"sessiondoctor.evidence.{module}"), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


Role = Literal["loss", "sign", "hygiene", "blocks"]

FACTS = {
    "session-unknown-elsewhere": "a node does not know a session that another node made",
    "session-lost-at-home": "a node does not know a session that it made itself",
    "sessions-shared-by-some": "some nodes share their sessions, and others do not",
    "no-cookie-handed-out": "no session cookie is handed out",
    "members-not-met": "running members of one cluster do not know each other",
    "copied-after-response": "sessions are copied to other nodes after the response",
    "one-copy-alone": "each session has one copy alone",
}
"""Facts that several checks see, each from its side. A page says how likely the fact is, and it counts once."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The check fails for `subject`.

    Attributes:
        summary: one sentence in the present tense that a reader understands without this tool's words.
        subject: name of the node, balancer or store; `site` for the whole.
        where: names of the components at fault, as far as this check can tell.
        seen: JSON-shaped facts; `client`, `matrix` and `histogram` are drawn (see `sessiondoctor.report.pictures`).
        at: where it can be put right: the place that evidence names (`fact.at`), or a path of keys in the topology
            file, such as `("nodes", 1, "route")`.
        detail: what sets it apart from other findings of this check about the subject, such as the name of a pool; it
            goes into the fingerprint, so no line, time or id.
        chance: probability of seeing this although nothing is wrong, if the evidence is statistical.
    """

    summary: str
    subject: str = "site"
    where: tuple[str, ...] = ()
    seen: dict[str, Any] = field(default_factory=dict)
    at: Location | tuple[str | int, ...] | None = None
    detail: str = ""
    chance: float = 0.0
    confidence: Confidence = Confidence.FIRM


@dataclass(frozen=True, slots=True)
class Fine:
    """The check passes for `subject`. `power`: the probability that the fault would have shown, had it been there."""

    summary: str = ""
    subject: str = "site"
    seen: dict[str, Any] = field(default_factory=dict)
    power: float = 1.0


@dataclass(frozen=True, slots=True)
class Unknown:
    """The evidence about `subject` decides nothing; what was seen may still be worth a picture."""

    reason: str
    subject: str = "site"
    seen: dict[str, Any] = field(default_factory=dict)


class NotApplicable(Exception):  # noqa: N818 - an answer, not an error
    """The question does not arise here; `hint` says what to declare so that it does."""

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Inconclusive(Exception):  # noqa: N818 - an answer, not an error
    """The evidence is there and decides nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def named(names: Sequence[str], one: str, several: str) -> str:
    """The names with a verb that agrees: `app1 sets`, `app1, app2 set`."""
    return f"{', '.join(names)} {one if len(names) == 1 else several}"


def odd_ones(values: Mapping[str, Any]) -> tuple[tuple[str, ...], Any]:
    """Names whose value is not the commonest one, sorted, and that one; values must be hashable, and there is one."""
    common, _ = Counter(values.values()).most_common(1)[0]
    return tuple(sorted(name for name, value in values.items() if value != common)), common


def compared(
    values: Mapping[str, Any], facts: Mapping[str, Fact], tell: Callable[[str, Any], str], alike: str, detail: str = ""
) -> Verdicts:
    """What the files of several owners say of one setting: a problem at the line of each odd one, else that they agree.

    Args:
        values: by owner, hashable.
        facts: by owner, where each value stands.
        tell: of an odd owner and the commonest value, what is wrong.
        alike: what a pass says.
        detail: what sets this setting apart from others of the check.
    """
    odd, common = odd_ones(values)
    for owner in odd:
        yield Problem(tell(owner, common), subject=owner, where=(owner,), at=facts[owner].at, detail=detail)
    if not odd:
        yield Fine(alike)


Verdicts = Iterator[Problem | Fine | Unknown]
Judge = Callable[..., Verdicts]


@dataclass(frozen=True, slots=True)
class Declared:
    """What `@check` says about a function; the catalogue adds id and family from the file's place.

    Attributes:
        role: `loss`, if failing means that a loss was seen or must follow; `sign`, if it only tells causes apart;
            `hygiene`, if it never is the reason of a loss; `blocks`, if failing means that evidence was not understood.
        false_alarm: how often it fails although no cause in the catalogue is present.
        survival: whether a pass means that state was seen to survive; without one there is no all-clear.
        shows: the fact of `FACTS` that it sees; empty for a check whose failure is a fact of its own.
        blocks: kinds of evidence that say nothing about any cause where this check fails.
    """

    judge: Judge
    severity: Severity
    role: Role
    false_alarm: float
    survival: bool
    shows: str = ""
    blocks: tuple[type[Any], ...] = ()


def check(
    *,
    severity: Severity,
    role: Role = "sign",
    false_alarm: float = 0.002,
    survival: bool = False,
    shows: str = "",
    blocks: tuple[type[Any], ...] = (),
) -> Callable[[Judge], Declared]:
    """Declares the one check of a file."""

    def declare(judge: Judge) -> Declared:
        return Declared(judge, severity, role, false_alarm, survival, shows, blocks)

    return declare
