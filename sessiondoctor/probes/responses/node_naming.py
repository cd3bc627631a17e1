"""Which node answered: by the declared marker, an affinity cookie, a new session's route, or telling headers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.errors import UsageError
from sessiondoctor.evidence.entry.visits import NamedBy
from sessiondoctor.formats.affinity_cookie import node_part
from sessiondoctor.formats.set_cookie import SetCookie
from sessiondoctor.probes.browser.extract import extract
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessiondoctor.formats.affinity_cookie import Peer
    from sessiondoctor.probes.browser.results import Answer, FlowResult
    from sessiondoctor.probes.responses.cookie_roles import Roles
    from sessiondoctor.topology.model import Node, Topology

_LONGEST_NAME = 64
# Headers whose names promise that their value depends on who answers. Caches name their own machines.
_TELLING = re.compile(
    r"server|via|x-powered-by|x-(.*-)?(server|node|backend|host|hostname|instance|upstream|pod|machine|worker|"
    r"served-by|origin|container|replica|app|version)(-(id|name|ip|version))?"
)
_OF_PRODUCTS = {"server", "via", "x-powered-by"}
_LETTERS = "ABCDEFGHIJKL"
_ENOUGH = 6  # answers before headers are compared
_TWICE = 2  # one odd value may be chance
_LONGEST_SERVER_NAME = 16  # in a cookie of unknown make; what is longer may be random and the client's own
# What Caddy, Traefik, Envoy and HAProxy's dynamic cookies hold: the digest of a server's address. Eight digits tell a
# dozen nodes apart, can be read, and are no cookie that somebody could send.
_DIGEST = re.compile(r"[0-9a-f]{16,}")
_OF_A_DIGEST = 8
_NO_NAME: tuple[str, NamedBy] = ("", "")
_RANKS: tuple[NamedBy, ...] = ("marker", "affinity-cookie", "route", "headers")


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one way of naming says of one answer; `declared` if the topology has a node of this name."""

    node: str
    by: NamedBy
    declared: bool


_NamingRule = Callable[["Answer"], _Claim | None]


class Namer:
    """Names the node behind each answer.

    One way of naming rules a whole scan, so that one node never has two names: the first that says anything of
    any answer. Where it is silent, another may speak only in names that the topology declares, and only if the
    ruling one does as well.

    Args:
        topology: declares nodes and the marker.
        roles: which cookies are for affinity, and which is the session's.
        answers: all that will be named, for comparing their headers.
    """

    def __init__(self, topology: Topology, roles: Roles, answers: Sequence[Answer]) -> None:
        self._names = _declared_names(topology.nodes)
        self._marker = topology.site.flow.node
        self._roles = roles
        self._ways: tuple[_NamingRule, ...] = (
            self._by_marker,
            self._by_new_affinity,
            self._by_new_route,
            self._naming_header(answers) or _by_letter(_clusters(answers)),
            self._by_kept_affinity,
        )
        claims = [claim for answer in answers for claim in self._claims(answer)]
        self._ruling: NamedBy = next((by for by in _RANKS if any(claim.by == by for claim in claims)), "")
        self._mixes = all(claim.declared for claim in claims if claim.by == self._ruling)

    @property
    def is_silent(self) -> bool:
        """Whether no answer says who gave it."""
        return not self._ruling

    def name(self, answer: Answer) -> tuple[str, NamedBy]:
        """The node and how it is known; both empty if it is not."""
        for claim in self._claims(answer):
            if claim.by == self._ruling or (self._mixes and claim.declared):
                return claim.node, claim.by
        return _NO_NAME

    def _claims(self, answer: Answer) -> Iterator[_Claim]:
        return (claim for way in self._ways if (claim := way(answer)))

    def _claim(self, text: str, by: NamedBy) -> _Claim | None:
        """The node that a text names; the text itself if the topology declares none of this name."""
        text = " ".join(text.split())
        declared = self._names.get(text, "")
        shown = "".join(filter(str.isprintable, text))[:_LONGEST_NAME]
        return _Claim(declared or shown, by, declared != "") if shown else None

    def _by_marker(self, answer: Answer) -> _Claim | None:
        return self._claim(extract(self._marker, answer.response) or "", "marker") if self._marker else None

    def _by_new_affinity(self, answer: Answer) -> _Claim | None:
        """The balancer has just bound the client to the node that answered."""
        return self._by_affinity(setting.cookie for setting in answer.settings if not setting.deletes)

    def _by_kept_affinity(self, answer: Answer) -> _Claim | None:
        """The balancer was told a node and did not correct that. The last resort: it may have ignored the cookie."""
        return self._by_affinity(SetCookie(cookie.name, cookie.value) for cookie in answer.sent)

    def _by_affinity(self, cookies: Iterable[SetCookie]) -> _Claim | None:
        claims = [claim for cookie in cookies if (claim := self._affinity_claim(cookie))]
        return next((claim for claim in claims if claim.declared), claims[0] if claims else None)

    def _affinity_claim(self, cookie: SetCookie) -> _Claim | None:
        made_by = self._roles.affinity_format(cookie.name)
        if made_by is None:
            return None
        node = self._roles.node_of(cookie)
        if node:
            return _Claim(node, "affinity-cookie", declared=True)
        text = node_part(cookie.name, cookie.value)
        random = made_by.product == "unknown" and len(text) > _LONGEST_SERVER_NAME
        if made_by.opaque or made_by.rotates or random:
            return None
        claim = self._claim(text, "affinity-cookie")
        digest = claim is not None and not claim.declared and _DIGEST.fullmatch(text)
        return replace(claim, node=claim.node[:_OF_A_DIGEST]) if claim and digest else claim

    def _by_new_route(self, answer: Answer) -> _Claim | None:
        """A route says where an id was made: that is who answered only if the id is new."""
        setting = self._roles.handed_out(answer.settings)
        route = self._roles.route(setting.cookie.value) if setting and not setting.deletes else ""
        if not setting or not route:
            return None
        node = self._roles.node_of(setting.cookie)
        return _Claim(node, "route", declared=True) if node else self._claim(route, "route")

    def _naming_header(self, answers: Sequence[Answer]) -> _NamingRule | None:
        """By a header whose every value is the name of a declared node."""
        names = sorted(_telling_names(answers) - _OF_PRODUCTS)
        header = next((name for name in names if self._declares(name, answers)), "")
        return (lambda answer: self._claim(_header(answer, header), "headers")) if header else None

    def _declares(self, header: str, answers: Sequence[Answer]) -> bool:
        values = {value for answer in answers if (value := _header(answer, header))}
        return bool(values) and values <= self._names.keys()


def named(topology: Topology, peers: Sequence[Peer], turn: FlowResult) -> tuple[str, NamedBy]:  # noqa: ARG001 - see roles_of
    """The node behind the final response of one turn and how that is known; empty if nothing says."""
    if turn.response is None:
        return _NO_NAME
    return Namer(topology, roles_of(turn.settings, topology), turn.answers).name(turn.answers[-1])


def _declared_names(nodes: Sequence[Node]) -> Mapping[str, str]:
    """Texts that mean one declared node and no other: its name, route, host:port or host."""
    meant: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        for text in (node.route, *_places(node.url)):
            meant[text].add(node.name)
    unique = {text: next(iter(names)) for text, names in meant.items() if text and len(names) == 1}
    return {**unique, **{node.name: node.name for node in nodes}}


def _places(url: str) -> tuple[str, ...]:
    try:
        origin = split_url(url).origin
    except UsageError:
        return ()
    return origin.authority, origin.host, str(origin)


def _clusters(answers: Sequence[Answer]) -> Callable[[Answer], str]:
    """How to tell groups of answers apart by their headers, as `A`, `B` ...; no letters unless the groups are clean.

    A header counts if it differs between answers to the same request, if each of its values was seen twice, and if
    every other such header agrees: it may be coarser, but not cut across. The idea is that of halberd.
    """
    usable = [answer for answer in answers if answer.response.status < 400]
    found = {name: values for name in _telling_names(usable) if (values := _values(name, usable))}
    if not found:
        return _no_letter
    finest = max(sorted(found), key=lambda name: len(found[name]))
    if not all(_is_coarser(name, finest, usable) for name in found):
        return _no_letter
    letters = dict(zip(found[finest], _LETTERS, strict=False))
    return lambda answer: letters.get(_header(answer, finest), "") if answer.response.status < 400 else ""


def _by_letter(letter_of: Callable[[Answer], str]) -> _NamingRule:
    return lambda answer: _Claim(letter, "headers", declared=False) if (letter := letter_of(answer)) else None


def _no_letter(_: Answer) -> str:
    return ""


def _telling_names(answers: Iterable[Answer]) -> set[str]:
    names = {name.lower() for answer in answers for name, _ in answer.response.headers}
    return {name for name in names if _TELLING.fullmatch(name)}


def _values(name: str, answers: Sequence[Answer]) -> tuple[str, ...]:
    """The values of a header that tells answers apart, in order of appearance; none if it does not."""
    counted = Counter(_header(answer, name) for answer in answers)
    several = _TWICE <= len(counted) <= len(_LETTERS)
    if len(answers) < _ENOUGH or not several or "" in counted or min(counted.values()) < _TWICE:
        return ()
    return tuple(counted) if _differs_alike(name, answers) else ()


def _differs_alike(name: str, answers: Sequence[Answer]) -> bool:
    """Whether the header differs between answers of one kind: then it is not the request that makes it differ."""
    kinds: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for answer in answers:
        response = answer.response
        kinds[answer.method, urlsplit(response.url).path, response.status].add(_header(answer, name))
    return any(len(values) > 1 for values in kinds.values())


def _is_coarser(name: str, finest: str, answers: Sequence[Answer]) -> bool:
    pairs = {(_header(answer, finest), _header(answer, name)) for answer in answers}
    return len(pairs) == len({finer for finer, _ in pairs})


def _header(answer: Answer, name: str) -> str:
    return ", ".join(answer.response.all(name))
