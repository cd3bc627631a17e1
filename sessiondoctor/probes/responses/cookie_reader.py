"""From Set-Cookie headers to evidence: what each cookie is for, without its value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.evidence.responses.cookie import Cookie
from sessiondoctor.formats import refusals
from sessiondoctor.formats.affinity_cookie import Peer, recognise_affinity
from sessiondoctor.formats.chunked_cookie import is_head, joined
from sessiondoctor.formats.cookie_scope import default_path, place_of
from sessiondoctor.formats.encoded import unescaped
from sessiondoctor.formats.jar import why_not_sent
from sessiondoctor.formats.session_cookie import data_protection_key_id
from sessiondoctor.formats.set_cookie import SetCookie, lifetime_s
from sessiondoctor.probes.responses.cookie_roles import UNKNOWN, Roles, peers_of, roles_of, values_of
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.probes.browser.client import Setting

_MOST_NAMES = 50
_LONGEST_WORD = 16  # a value of letters only up to this length (`express`, `dark`) is a word, not a secret


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads cookies for one topology: declared names come before recognised ones."""

    topology: Topology
    redactor: Redactor

    def peers(self) -> tuple[Peer, ...]:
        """The topology's nodes, as affinity cookies name them."""
        return peers_of(self.topology)

    def token(self, roles: Roles, value: str) -> str:
        """What stands for the session in a session cookie's value; empty for an empty value."""
        return self.redactor.token(roles.base(value))

    def hide(self, settings: Iterable[Setting]) -> None:
        """Scrub the values of these cookies from all outputs."""
        declared = _words(self.topology)
        for cookie in (setting.cookie for setting in settings):
            if cookie.value not in declared and not _is_public(cookie):
                self.redactor.hide(cookie.value)
                self.redactor.hide(unescaped(cookie.value))

    def cookie(self, setting: Setting, read_url: str, roles: Roles | None = None) -> Cookie | None:
        """The evidence of one Set-Cookie, with what a browser does with it at the URL where the state is read.

        `roles` say what it is for; without them the cookie speaks for itself. None for a cookie without a name.
        """
        if not setting.cookie.name:
            return None
        self.hide((setting,))
        return self._cookie(setting, read_url, roles or roles_of((setting,), self.topology), setting.cookie.value)

    def first_of_each(
        self, settings: Iterable[Setting], read_url: str, roles: Roles | None = None
    ) -> tuple[Cookie, ...]:
        """The first Set-Cookie of each name that is no deletion, in order of appearance."""
        first: dict[str, Setting] = {}
        for setting in settings:
            if not setting.deletes and len(first) < _MOST_NAMES:
                first.setdefault(setting.cookie.name, setting)
        first.pop("", None)
        self.hide(first.values())
        values = values_of(first.values())
        return tuple(
            self._cookie(one, read_url, roles or roles_of((one,), self.topology), joined(name, values[name], values))
            for name, one in first.items()
        )

    def _cookie(self, setting: Setting, read_url: str, roles: Roles, whole: str) -> Cookie:
        cookie, role = setting.cookie, roles.role_of(setting.cookie.name)
        session = roles.made_by if role == "session" else UNKNOWN
        affinity = roles.affinity_format(cookie.name) if role == "affinity" else None
        refused = "" if setting.refused == refusals.EXPIRED else setting.refused
        return Cookie(
            name=cookie.name,
            role=role,
            product=affinity.product if affinity else session.product,
            token=self.token(roles, whole) if role == "session" else self._other_token(cookie),
            size=cookie.size,
            domain=cookie.domain,
            path=cookie.path or default_path(place_of(setting.url).path),
            secure=cookie.secure,
            http_only=cookie.http_only,
            same_site=cookie.same_site,
            lifetime_s=lifetime_s(cookie, setting.at),
            refused=refused,
            withheld="" if refused else why_not_sent(cookie, setting.url, read_url, setting.at),
            route=roles.route(whole) if role == "session" else "",
            node=roles.node_of(cookie),
            key_id=data_protection_key_id(whole) or "",
            signed=session.signed,
            holds_state=session.holds_state,
            rotates=affinity.rotates if affinity else False,
            partitioned=cookie.partitioned,
        )

    def _other_token(self, cookie: SetCookie) -> str:
        """A token that leaves the value itself unhidden: a balancer's may be a node's name, which the report needs."""
        return self.redactor.token(f"{cookie.name}={cookie.value}", "cookie")


def _words(topology: Topology) -> frozenset[str]:
    """Names that the topology declares."""
    names = [*(node.name for node in topology.nodes), *(store.name for store in topology.stores)]
    names += [balancer.name for balancer in topology.load_balancers]
    return frozenset({*names, *(node.route for node in topology.nodes)})


def _is_public(cookie: SetCookie) -> bool:
    """Whether a value is no secret: a balancer's name of a server, or a word such as `express`.

    Scrubbing these would blank the report where it has the same word.
    """
    if is_head(cookie.value):
        return True
    affinity = recognise_affinity(cookie.name, cookie.value)
    word = re.fullmatch(r"[A-Za-z_-]+", cookie.value) and len(cookie.value) < _LONGEST_WORD
    return bool(word) or (affinity is not None and not affinity.opaque)
