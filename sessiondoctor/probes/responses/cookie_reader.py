"""From Set-Cookie headers to evidence: what each cookie is for, without its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.evidence.responses.cookie import Cookie
from sessiondoctor.formats import refusals
from sessiondoctor.formats.chunked_cookie import joined
from sessiondoctor.formats.cookie_scope import default_path, place_of
from sessiondoctor.formats.jar import why_not_sent
from sessiondoctor.formats.session_cookie import data_protection_key_id
from sessiondoctor.formats.set_cookie import SetCookie, lifetime_s
from sessiondoctor.probes.responses.cookie_roles import UNKNOWN, Roles, peers_of, roles_of, values_of
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.formats.affinity_cookie import Peer
    from sessiondoctor.probes.browser.results import Setting

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

    def cookie(self, setting: Setting, read_url: str, roles: Roles | None = None) -> Cookie | None:
        """The evidence of one Set-Cookie, with what a browser does with it at the URL where the state is read.

        `roles` say what it is for; without them the cookie speaks for itself. None for a cookie without a name.
        """
        if not setting.cookie.name:
            return None
        return self._cookie(setting, read_url, roles or roles_of((setting,), self.topology), setting.cookie.value)

    def first_of_each(
        self, settings: Iterable[Setting], read_url: str, roles: Roles | None = None
    ) -> tuple[Cookie, ...]:
        """The first Set-Cookie of each name that is no deletion, in order of appearance.

        Of several cookies of one name, with different paths or domains, the one that a browser sends back there.
        """
        first: dict[str, Setting] = {}
        for setting in settings:
            if setting.deletes or setting.carrier != "cookie":
                continue
            if setting.cookie.name not in first and len(first) >= _MOST_NAMES:
                continue
            known = first.setdefault(setting.cookie.name, setting)
            if _scope(known) != _scope(setting) and _is_kept_from(known, read_url) > _is_kept_from(setting, read_url):
                first[setting.cookie.name] = setting
        first.pop("", None)
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


def _scope(setting: Setting) -> tuple[str, str]:
    return setting.cookie.domain, setting.cookie.path


def _is_kept_from(setting: Setting, read_url: str) -> bool:
    """Whether a browser does not send this cookie to where the state is read."""
    return bool(setting.refused or why_not_sent(setting.cookie, setting.url, read_url, setting.at))
