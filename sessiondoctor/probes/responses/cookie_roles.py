"""What the cookies of a site are for, and what it runs on, by what responses show."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.formats.affinity_cookie import AffinityFormat, Peer, name_node, recognise_affinity
from sessiondoctor.formats.chunked_cookie import is_chunk, joined
from sessiondoctor.formats.session_cookie import SessionFormat, base_id, is_csrf_name, recognise_session, route_of
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.evidence.responses.cookie import Role
    from sessiondoctor.formats.jar import StoredCookie
    from sessiondoctor.formats.set_cookie import SetCookie
    from sessiondoctor.probes.browser.results import Answer, Setting
    from sessiondoctor.topology.model import Node, Topology

UNKNOWN = SessionFormat("unknown", "other")
_OF_ANY_STACK = {"unknown", "jwt", "jwe", "paseto"}  # formats that tell no framework, nor exclude one

_SHORTEST_ID = 16
# Their cookie is encrypted anew with every response: two values say nothing about the session.
_RE_ENCRYPTED = {"laravel"}
_STACKS_BY_HEADER = (
    ("x-powered-by", r"Express", "express"),
    ("x-powered-by", r"PHP", "php"),
    ("x-powered-by", r"Phusion", "rails"),
    ("x-powered-by", r"Undertow|JBoss", "wildfly"),
    ("x-powered-by", r"ASP\.NET", "aspnet"),
    ("server", r"Kestrel", "aspnetcore"),
    ("server", r"Apache-Coyote|Tomcat", "tomcat"),
    ("server", r"Jetty", "jetty"),
    ("server", r"WildFly|JBoss", "wildfly"),
    ("server", r"WebLogic", "weblogic"),
    ("server", r"WebSphere", "websphere"),
    ("server", r"Werkzeug", "flask"),
)
_STACKS_BY_COOKIE = (
    (r"csrftoken", "django"),
    (r"\.AspNetCore\..+", "aspnetcore"),
    (r"__RequestVerificationToken.*", "aspnet"),
    (r"JSESSIONID", "tomcat"),
)


@dataclass(frozen=True, slots=True)
class Roles:
    """Which cookies of a site do what.

    Attributes:
        session: name of the session cookie; empty if none was seen.
        made_by: its format.
        affinity: names and formats of the cookies by which a balancer keeps a client on a node.
        peers: the nodes that such cookies may name.
    """

    session: str = ""
    made_by: SessionFormat = UNKNOWN
    affinity: tuple[tuple[str, AffinityFormat], ...] = ()
    peers: tuple[Peer, ...] = ()

    def affinity_format(self, name: str) -> AffinityFormat | None:
        """The format of an affinity cookie; None for any other cookie."""
        return dict(self.affinity).get(name)

    @property
    def affinity_names(self) -> tuple[str, ...]:
        """Names of the affinity cookies, in the order in which they were first set."""
        return tuple(name for name, _ in self.affinity)

    @property
    def comparable(self) -> bool:
        """Whether two values of the session cookie tell whether they stand for one session."""
        return not self.made_by.holds_state and self.made_by.product not in _RE_ENCRYPTED

    def role_of(self, name: str) -> Role:
        """What a cookie of this name is for."""
        if name and name == self.session:
            return "session"
        if self.affinity_format(name):
            return "affinity"
        return "csrf" if is_csrf_name(name) else "other"

    def is_session(self, setting: Setting) -> bool:
        """Whether this hands out the session's id."""
        return self.role_of(setting.cookie.name) == "session"

    def session_in(self, cookies: Iterable[StoredCookie]) -> str:
        """The value of the first session cookie among these, its parts joined; empty without one."""
        held = tuple(cookies)
        value = next((cookie.value for cookie in held if self.role_of(cookie.name) == "session"), "")
        return joined(self.session, value, {cookie.name: cookie.value for cookie in held})

    def handed_out(self, settings: Sequence[Setting]) -> Setting | None:
        """The newest session cookie that was set, deletions included, its parts joined."""
        found = next((one for one in reversed(settings) if self.role_of(one.cookie.name) == "session"), None)
        if found is None:
            return None
        whole = joined(self.session, found.cookie.value, values_of(settings))
        return found if whole == found.cookie.value else replace(found, cookie=replace(found.cookie, value=whole))

    def base(self, value: str) -> str:
        """The session id without route and signature; empty for an empty value."""
        return base_id(self.session, value) if value else ""

    def route(self, value: str) -> str:
        """The route in a session cookie's value."""
        return route_of(self.session, value) if value else ""

    def node_of(self, cookie: SetCookie) -> str:
        """The declared node that an affinity cookie or a route names; empty if that cannot be told."""
        role = self.role_of(cookie.name)
        names_one = role == "affinity" or (role == "session" and self.route(cookie.value) != "")
        return name_node(cookie.name, cookie.value, self.peers) if names_one else ""


def values_of(settings: Iterable[Setting]) -> dict[str, str]:
    """What was set by name, of several of one name the last; without deletions."""
    return {setting.cookie.name: setting.cookie.value for setting in settings if not setting.deletes}


def roles_of(settings: Iterable[Setting], topology: Topology) -> Roles:
    """Tell the cookies apart that were set."""
    given = [setting.cookie for setting in settings if setting.cookie.name and not setting.deletes]
    values = {cookie.name: cookie.value for cookie in given}
    cookies = [cookie for cookie in given if not is_chunk(cookie.name, values)]
    session = _in_header(settings, topology) or _session_cookie(cookies, topology)
    peers = peers_of(topology)
    affinity: dict[str, AffinityFormat] = {}
    for cookie in cookies:
        found = _affinity(cookie, topology, peers)
        if found and (session is None or cookie.name != session.name):
            affinity.setdefault(cookie.name, found)
    return Roles(
        session=session.name if session else topology.site.session_cookie,
        made_by=(recognise_session(session.name, session.value) if session else None) or UNKNOWN,
        affinity=tuple(affinity.items()),
        peers=peers,
    )


def _in_header(settings: Iterable[Setting], topology: Topology) -> SetCookie | None:
    """The session id that travels in a header, unless the session's cookie is declared."""
    carried = (one.cookie for one in settings if one.carrier == "header" and not one.deletes)
    return None if topology.site.session_cookie else next(carried, None)


def peers_of(topology: Topology) -> tuple[Peer, ...]:
    """The topology's nodes, as affinity cookies name them."""
    return tuple(map(_peer, topology.nodes))


def stack_of(answers: Sequence[Answer], roles: Roles) -> tuple[str, str]:
    """The framework as the topology calls it, and by what it was recognised; both empty if it was not."""
    if roles.made_by.certain and roles.made_by.stack != "other":
        return roles.made_by.stack, f"the cookie {roles.session} has the form of {roles.made_by.product}"
    found = _by_header(answers) or _by_cookie(answers)
    if found:
        return found
    if roles.made_by.stack != "other":
        return roles.made_by.stack, f"a cookie is called {roles.session}"
    if roles.made_by.product in _OF_ANY_STACK:
        return "", ""
    return "other", f"the cookie {roles.session} has the form of {roles.made_by.product}"


def _peer(node: Node) -> Peer:
    if not node.url:
        return Peer(node.name, node.route)
    origin = split_url(node.url).origin
    return Peer(node.name, node.route, origin.host, origin.port, f"{origin.scheme}://{origin.authority}")


def _session_cookie(cookies: Sequence[SetCookie], topology: Topology) -> SetCookie | None:
    """The likeliest session cookie: declared, else of a known form, else an unguessable HttpOnly value."""
    declared = topology.site.session_cookie
    if declared:
        return next((cookie for cookie in cookies if cookie.name == declared), None)
    candidates = [
        (_likelihood(cookie, made_by, topology.site.stack), cookie)
        for cookie in cookies
        if (made_by := recognise_session(cookie.name, cookie.value)) and not _is_declared_affinity(cookie, topology)
    ]
    if candidates:
        return max(candidates, key=lambda pair: pair[0])[1]
    return next((cookie for cookie in cookies if _looks_like_an_id(cookie, topology)), None)


def _likelihood(cookie: SetCookie, made_by: SessionFormat, stack: str | None) -> tuple[bool, bool, bool, bool]:
    return made_by.stack == stack, made_by.certain, made_by.product != "unknown", cookie.http_only


def _looks_like_an_id(cookie: SetCookie, topology: Topology) -> bool:
    other = _affinity(cookie, topology, peers_of(topology)) is not None or is_csrf_name(cookie.name)
    random = len(cookie.value) >= _SHORTEST_ID and re.search(r"[0-9]", cookie.value) is not None
    return cookie.http_only and random and not other


def _is_declared_affinity(cookie: SetCookie, topology: Topology) -> bool:
    return any(balancer.affinity_cookie == cookie.name for balancer in topology.load_balancers)


def _affinity(cookie: SetCookie, topology: Topology, peers: tuple[Peer, ...]) -> AffinityFormat | None:
    """By its declared name, a known form, or a value that names a node: a balancer's cookie can have any name."""
    declared = cookie.name if _is_declared_affinity(cookie, topology) else ""
    found = recognise_affinity(cookie.name, cookie.value, declared)
    marker = topology.site.flow.node
    names_itself = marker is not None and marker.cookie == cookie.name
    if found or names_itself or recognise_session(cookie.name, cookie.value) or not cookie.value:
        return found
    return AffinityFormat("unknown") if name_node(cookie.name, cookie.value, peers) else None


def _by_header(answers: Sequence[Answer]) -> tuple[str, str] | None:
    for header, pattern, stack in _STACKS_BY_HEADER:
        if any(re.search(pattern, answer.response.header(header)) for answer in answers):
            return stack, f"the header {header} says so"
    return None


def _by_cookie(answers: Sequence[Answer]) -> tuple[str, str] | None:
    names = sorted({setting.cookie.name for answer in answers for setting in answer.settings})
    for pattern, stack in _STACKS_BY_COOKIE:
        name = next((name for name in names if re.fullmatch(pattern, name)), "")
        if name:
            return stack, f"a cookie is called {name}"
    return None
