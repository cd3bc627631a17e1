"""From Set-Cookie headers to evidence: what each cookie is for, without its value."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.evidence.cookie import Cookie, Role
from sessiondoctor.formats.affinity_cookie import Peer, name_node, recognise_affinity
from sessiondoctor.formats.jar import why_not_sent
from sessiondoctor.formats.session_cookie import (
    base_id,
    data_protection_key_id,
    is_csrf_name,
    recognise_session,
    route_of,
)
from sessiondoctor.formats.set_cookie import SetCookie, lifetime_s, read_set_cookie
from sessiondoctor.redact import Vault
from sessiondoctor.topology.model import Topology
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.probes.client import Setting


_LONG_AGO_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads cookies for one topology: declared names come before recognised ones."""

    topology: Topology
    vault: Vault

    def role(self, cookie: SetCookie) -> Role:
        """What a cookie is for."""
        if cookie.name == self.topology.site.session_cookie:
            return "session"
        if self._affinity_declared(cookie.name):
            return "affinity"
        found = recognise_session(cookie.name, cookie.value)
        if found and found.certain and not self.topology.site.session_cookie:
            return "session"
        if recognise_affinity(cookie.name, cookie.value) or self._names_a_node(cookie):
            return "affinity"
        if is_csrf_name(cookie.name):
            return "csrf"
        return "session" if found and not self.topology.site.session_cookie else "other"

    def _affinity_declared(self, name: str) -> bool:
        return any(balancer.affinity_cookie == name for balancer in self.topology.load_balancers)

    def _names_a_node(self, cookie: SetCookie) -> bool:
        """HAProxy's own cookie can have any name; its value is a server's."""
        return recognise_session(cookie.name, cookie.value) is None and bool(
            name_node(cookie.name, cookie.value, self.peers())
        )

    def peers(self) -> tuple[Peer, ...]:
        """The topology's nodes, as affinity cookies name them."""
        return tuple(self._peer(node.name, node.route, node.url) for node in self.topology.nodes)

    @staticmethod
    def _peer(name: str, route: str, url: str) -> Peer:
        if not url:
            return Peer(name, route)
        origin = split_url(url).origin
        return Peer(name, route, origin.host, origin.port, f"{origin.scheme}://{origin.authority}")

    def cookie(self, setting: Setting, read_url: str) -> Cookie | None:
        """The evidence of one Set-Cookie, also of one that a browser refuses; None for one without a name."""
        parsed = read_set_cookie(setting.header)
        if not parsed.name:
            return None
        role = self.role(parsed)
        session = recognise_session(parsed.name, parsed.value) if role == "session" else None
        affinity = recognise_affinity(parsed.name, parsed.value) if role == "affinity" else None
        now = time.time()
        self.vault.hide(parsed.value)
        return Cookie(
            name=parsed.name,
            role=role,
            product=session.product if session else affinity.product if affinity else "unknown",
            token=self.vault.token(base_id(parsed.name, parsed.value) if role == "session" else parsed.value),
            size=len(parsed.name.encode()) + len(parsed.value.encode()),
            domain=parsed.domain,
            path=parsed.path or "/",
            secure=parsed.secure,
            http_only=parsed.http_only,
            same_site=parsed.same_site,
            lifetime_s=lifetime_s(parsed, now),
            refused=setting.refused,
            withheld="" if setting.refused else why_not_sent(parsed, setting.url, read_url, now),
            route=route_of(parsed.name, parsed.value) if role == "session" else "",
            node=name_node(parsed.name, parsed.value, self.peers()),
            key_id=data_protection_key_id(parsed.value) or "",
            signed=bool(session and session.signed),
            holds_state=bool(session and session.holds_state),
            rotates=bool(affinity and affinity.rotates),
        )

    def first_of_each(self, settings: Iterable[Setting], read_url: str) -> tuple[Cookie, ...]:
        """The first cookie of each name."""
        found: dict[str, Cookie] = {}
        for setting in settings:
            cookie = self.cookie(setting, read_url)
            if cookie and not _deletes(setting.header):
                found.setdefault(cookie.name, cookie)
        return tuple(found.values())


def _deletes(header: str) -> bool:
    """Whether a header means to delete; one that expired a short time ago was made by a clock that is behind."""
    parsed = read_set_cookie(header)
    if parsed.max_age_s is not None:
        return parsed.max_age_s <= 0
    return parsed.expires is not None and (not parsed.value or parsed.expires < time.time() - _LONG_AGO_S)
