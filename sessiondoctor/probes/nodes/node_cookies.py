"""What fresh clients at the entry learn about its nodes: who answered, and by which cookie one gets there again."""

from __future__ import annotations

import re
import secrets
import string
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.formats.affinity_cookie import node_part
from sessiondoctor.formats.jar import Jar, RawJar, StoredCookie
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.node_naming import Namer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessiondoctor.probes.browser.results import Answer, FlowResult
    from sessiondoctor.topology.model import Topology

_LETTERS = string.ascii_uppercase
_TWICE = 2  # what was seen once may be a client's own, not a node's
_PREFIX = "~"  # HAProxy, COOKIE_DELIM in include/haproxy/defaults.h
_ESCAPE = re.compile(r"(%[0-9A-Fa-f]{2})")
_KINDS = (string.digits, "ABCDEF", "abcdef", string.ascii_uppercase, string.ascii_lowercase)
_ELSEWHERE = "another node"


@dataclass(frozen=True, slots=True)
class NodeCookies:
    """How a client was bound to a node.

    Attributes:
        cookies: names and values of the affinity cookies.
        session: the session cookie's value, if it carries a route as text.
    """

    node: str
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    session: str = field(default="", repr=False)
    route: str = ""

    @property
    def has_prefix(self) -> bool:
        """Whether the balancer itself puts the route into the cookie, and takes it off again."""
        return self.session.startswith(self.route + _PREFIX)

    @property
    def has_suffix(self) -> bool:
        """Whether the route is part of the id that the node gave out."""
        return self.session != "" and not self.has_prefix

    def decoy(self) -> str:
        """A session cookie's value with this route and an id that nobody has."""
        before, route, after = self._split(self.session, self.route)
        return f"{scrambled(before)}{route}{scrambled(after)}"

    def carry(self, value: str, route: str) -> str:
        """A session cookie's value that has another route, with this one instead."""
        before, found, after = self._split(value, route)
        return f"{before}{self.route}{after}" if found else value

    def _split(self, value: str, route: str) -> tuple[str, str, str]:
        if self.has_prefix:
            return ("", route, value.removeprefix(route)) if value.startswith(route + _PREFIX) else (value, "", "")
        before, found, after = value.rpartition(route)
        return (before, found, after) if found else (value, "", "")


class CookieGuide:
    """Who answered, and the ways to the nodes that were met.

    Args:
        topology: declares nodes and the marker.
        turns: the makings of clients that came without cookies.

    Attributes:
        roles: which cookies do what.
        ways: to each node one, declared ones first.
        unclear: nodes may have been met, and who they were cannot be told.
    """

    def __init__(self, topology: Topology, turns: Sequence[FlowResult]) -> None:
        answered = [turn for turn in turns if turn.response]
        self.roles = roles_of((setting for turn in answered for setting in turn.settings), topology)
        self._declared = [node.name for node in topology.nodes]
        self._namer = Namer(topology, self.roles, [answer for turn in answered for answer in turn.answers])
        bound = [way for way in map(self._way, answered) if way.cookies or way.route]
        self._parts = self._parts_of(bound)
        named = [replace(way, node=way.node or self._parts.get(self._part(way), "")) for way in bound]
        self.met = frozenset(way.node for way in named) - {""}
        self.ways = self._one_each(named)
        self.unclear = bool(bound) and not self.met

    @property
    def knows_all(self) -> bool:
        """Whether every declared node was met."""
        return bool(self._declared) and self.met >= set(self._declared)

    @property
    def steering_names(self) -> tuple[str, ...]:
        """Names of the cookies that may lead to a node."""
        return self.roles.affinity_names or (self.roles.session,)

    def who(self, answer: Answer) -> str:
        """The node that answered; empty if nothing says."""
        named = self._namer.name(answer)[0]
        if named or not self._parts:
            return named
        given = {setting.cookie.name: setting.cookie.value for setting in answer.settings if not setting.deletes}
        part = self._part(NodeCookies("", self._affinity(given)))
        return self._parts.get(part, _ELSEWHERE) if part else ""

    def rerouted(self, jar: Jar, way: NodeCookies) -> Jar:
        """The same cookies, the session's with the route of this way."""
        found = (cookie for cookie in jar.all() if cookie.name == self.roles.session)
        carried = (
            replace(cookie, value=way.carry(cookie.value, self.roles.route(cookie.value)))
            for cookie in found
            if self.roles.route(cookie.value)
        )
        return jar.with_cookies(carried)

    def seed(self, way: NodeCookies) -> RawJar:
        """The jar of somebody who is led there without having been anywhere."""
        decoy = StoredCookie(
            self.roles.session, way.decoy(), "", host_only=True, path="/", secure=False, http_only=False,
            same_site="", expires_at=None, created_at=0.0, stored_at=0.0,
        )  # fmt: skip
        return RawJar((decoy,))

    def _way(self, turn: FlowResult) -> NodeCookies:
        given = {setting.cookie.name: setting.cookie.value for setting in turn.settings if not setting.deletes}
        session = self.roles.session_in(turn.answers[-1].held)
        route = self.roles.route(session)
        steerable = route != "" and route in session
        node = self._namer.name(turn.answers[-1])[0]
        return NodeCookies(node, self._affinity(given), session if steerable else "", route if steerable else "")

    def _affinity(self, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple((name, given[name]) for name in self.roles.affinity_names if name in given)

    def _part(self, way: NodeCookies) -> str:
        """What stands for the node in these cookies; empty where they change with every response."""
        formats = dict(self.roles.affinity)
        return "; ".join(node_part(name, value) for name, value in way.cookies if not formats[name].rotates)

    def _parts_of(self, bound: Sequence[NodeCookies]) -> Mapping[str, str]:
        """The node behind each value; none at all if values do not stand for nodes. Letters where nobody is named."""
        counted = Counter(part for way in bound if (part := self._part(way)))
        if not any(way.node for way in bound):
            often = [part for part, count in counted.items() if count >= _TWICE]
            return dict(zip(often, _LETTERS, strict=False))
        pairs = {(part, way.node) for way in bound if way.node and (part := self._part(way))}
        nodes, parts = Counter(node for _, node in pairs), Counter(part for part, _ in pairs)
        return dict(pairs) if all(count == 1 for count in (*nodes.values(), *parts.values())) else {}

    def _one_each(self, named: Sequence[NodeCookies]) -> tuple[NodeCookies, ...]:
        counted = Counter(way.node for way in named if way.node)
        firsts = {way.node: way for way in reversed(named)}
        sure = [node for node, count in counted.items() if count >= _TWICE or node in self._declared]
        return tuple(firsts[node] for node in sorted(sure, key=self._rank))

    def _rank(self, node: str) -> tuple[int, str]:
        return (self._declared.index(node) if node in self._declared else len(self._declared)), node


def scrambled(text: str) -> str:
    """Another text of the same shape; percent-escapes stay."""
    return "".join(part if _ESCAPE.fullmatch(part) else "".join(_others(part)) for part in _ESCAPE.split(text))


def _others(text: str) -> Iterator[str]:
    for character in text:
        kind = next((kind for kind in _KINDS if character in kind), character)
        yield secrets.choice(kind)
