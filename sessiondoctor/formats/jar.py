"""A cookie jar that keeps and sends what a browser would, and says why not (RFC 6265bis, sections 5.7 and 5.8).

Without a `Retrieval` it stands for a user who types the URL, from whom SameSite alone withholds nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from sessiondoctor.formats import refusals
from sessiondoctor.formats.cookie_scope import (
    Place,
    default_path,
    domain_matches,
    path_matches,
    place_of,
)
from sessiondoctor.formats.encoded import ascii_lower
from sessiondoctor.formats.retrieval import TYPED, Retrieval, why_in_another_partition, why_not_across_sites
from sessiondoctor.formats.set_cookie import SetCookie, lifetime_s
from sessiondoctor.formats.site import is_public_suffix, registrable_domain

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable
    from typing import Self

MOST_COOKIES: Final = 3000  # what a browser holds at least; section 6.1
# It asks for 50 cookies of a domain at least. Chrome and Firefox hold 180 of a site; at one more they keep 150.
MOST_OF_A_SITE: Final = 180
KEPT_OF_A_SITE: Final = 150
_SHOWN = 100
_ID_IN_PATH = re.compile(r"\([A-Z]\([^)]*\)?\)?/?")


Carrier = Literal["cookie", "header", "url"]


@dataclass(frozen=True, slots=True)
class StoredCookie:
    """A cookie in a jar.

    Attributes:
        domain: the host that set it where `host_only`, else its Domain.
        expires_at: unix seconds; None for a browser session cookie.
        created_at: unix seconds at which a cookie of this name, domain and path was first stored.
        stored_at: unix seconds at which it was last stored; stands for the last use, of which a jar keeps no record.
        carrier: what it travels in; whatever is no cookie is a session id that a client sends back all the same.
    """

    name: str
    value: str = field(repr=False)
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: str
    expires_at: float | None
    created_at: float
    stored_at: float
    partitioned: bool = False
    carrier: Carrier = "cookie"

    @property
    def pair(self) -> str:
        """The cookie in a Cookie header; a nameless one is its bare value."""
        return f"{self.name}={self.value}" if self.name else self.value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a Set-Cookie. `reason` is one of `refusals`, empty if stored; `expired` is a deletion."""

    stored: bool
    reason: str = ""


class Jar:
    """The cookies of one browser profile; it changes only in `store`."""

    def __init__(self, cookies: Iterable[StoredCookie] = ()) -> None:
        self._cookies: dict[Hashable, StoredCookie] = {self._key(cookie): cookie for cookie in cookies}

    def __len__(self) -> int:
        return len(self._cookies)

    def store(self, cookie: SetCookie, url: str, now: float, retrieval: Retrieval = TYPED) -> Verdict:
        """Take in a cookie that a response from `url` set at `now` (unix seconds)."""
        place = place_of(url)
        reason = why_refused(cookie, place, retrieval) or self._why_overlay(cookie, place)
        if reason:
            return Verdict(stored=False, reason=reason)
        return self._keep(_stored(cookie, place, now), now)

    def carry(self, name: str, value: str, url: str, now: float, carrier: Carrier) -> None:
        """Take in a session id that travels in no cookie; an empty one takes it back."""
        held = replace(_stored(SetCookie(name, value), place_of(url), now), path="/", carrier=carrier)
        if value:
            self._cookies[self._key(held)] = held
        else:
            self._cookies.pop(self._key(held), None)

    def cookies_for(self, url: str, now: float, retrieval: Retrieval = TYPED) -> tuple[StoredCookie, ...]:
        """What a browser sends to `url` at `now`: longer paths first, then older ones."""
        place = place_of(url)
        sent = [cookie for cookie in self._cookies.values() if not _why_withheld(cookie, place, now, retrieval)]
        return tuple(sorted(sent, key=lambda cookie: (-len(cookie.path), cookie.created_at)))

    def names(self) -> tuple[str, ...]:
        """The names of all cookies held, in order of creation, each once."""
        return tuple(dict.fromkeys(cookie.name for cookie in self._cookies.values()))

    def all(self) -> tuple[StoredCookie, ...]:
        """All cookies held, in order of creation."""
        return tuple(self._cookies.values())

    def copy(self) -> Self:
        """A jar of its own with the same cookies."""
        return type(self)(self._cookies.values())

    def without(self, names: Collection[str]) -> Self:
        """A copy that lacks the cookies of these names."""
        return type(self)(cookie for cookie in self._cookies.values() if cookie.name not in names)

    def with_cookies(self, cookies: Iterable[StoredCookie]) -> Self:
        """A copy that also holds these cookies; they replace those of the same name, domain and path."""
        return type(self)((*self._cookies.values(), *cookies))

    @staticmethod
    def _key(cookie: StoredCookie) -> Hashable:
        return cookie.name, cookie.domain, cookie.host_only, cookie.path, cookie.partitioned

    def _keep(self, cookie: StoredCookie, now: float) -> Verdict:
        key = self._key(cookie)
        if _is_expired(cookie, now):
            self._cookies.pop(key, None)
            return Verdict(stored=False, reason=refusals.EXPIRED)
        old = self._cookies.get(key)
        self._cookies[key] = replace(cookie, created_at=old.created_at) if old else cookie
        self._make_room(cookie.domain, now)
        return Verdict(stored=True)

    def _make_room(self, domain: str, now: float) -> None:
        """Section 5.7, "remove excess cookies": expired ones, then some of this domain's site, then any."""
        if len(self._cookies) > MOST_OF_A_SITE and len(self._of_site(domain)) > MOST_OF_A_SITE:
            self._drop_expired(now)
            self._drop_some(self._of_site(domain))
        if len(self._cookies) > MOST_COOKIES:
            self._drop_expired(now)
            self._drop(sorted(self._cookies.values(), key=lambda cookie: cookie.stored_at)[:-MOST_COOKIES])

    def _of_site(self, domain: str) -> list[StoredCookie]:
        site = registrable_domain(domain) or domain
        return [cookie for cookie in self._cookies.values() if domain_matches(cookie.domain, site)]

    def _drop_some(self, of_site: list[StoredCookie]) -> None:
        if len(of_site) > MOST_OF_A_SITE:
            self._drop(sorted(of_site, key=lambda cookie: (cookie.secure, cookie.stored_at))[:-KEPT_OF_A_SITE])

    def _drop_expired(self, now: float) -> None:
        self._drop([cookie for cookie in self._cookies.values() if _is_expired(cookie, now)])

    def _drop(self, cookies: Iterable[StoredCookie]) -> None:
        for cookie in cookies:
            del self._cookies[self._key(cookie)]

    def _why_overlay(self, new: SetCookie, place: Place) -> str:
        """Section 5.7, step 16: plain HTTP leaves the Secure cookies of that name alone."""
        if new.secure or place.secure:
            return ""
        stored = _stored(new, place, 0.0)
        shadowed = any(_would_overlay(stored, old) for old in self._cookies.values() if old.secure)
        return refusals.OVERLAYS_SECURE if shadowed else ""


class RawJar(Jar):
    """A jar without a browser's rules: one value a name, sent to every URL for ever, until a deletion.

    What the server sees from it and from a `Jar` differs exactly where a browser's rules matter. It refuses
    only what cannot be sent at all: control characters and an empty cookie.
    """

    def store(self, cookie: SetCookie, url: str, now: float, retrieval: Retrieval = TYPED) -> Verdict:  # noqa: ARG002 - as below
        """Take in a cookie, whatever its attributes say."""
        if cookie.ignored in {refusals.EMPTY, refusals.CONTROL_CHARACTERS}:
            return Verdict(stored=False, reason=cookie.ignored)
        return self._keep(_stored(cookie, place_of(url), now), now)

    def cookies_for(
        self,
        url: str,  # noqa: ARG002 - they go everywhere
        now: float,  # noqa: ARG002 - and for ever
        retrieval: Retrieval = TYPED,  # noqa: ARG002 - from anywhere
    ) -> tuple[StoredCookie, ...]:
        """All cookies, in order of creation."""
        return self.all()

    @staticmethod
    def _key(cookie: StoredCookie) -> Hashable:
        return cookie.name

    def _drop_some(self, of_site: list[StoredCookie]) -> None:
        """None: only what it holds in all is bounded."""


def why_refused(cookie: SetCookie, place: Place, retrieval: Retrieval = TYPED) -> str:
    """Why a browser does not store a cookie that this place sets, one of `refusals`; empty if it does."""
    rules = (_domain_rule, _secure_rule, _attribute_rule, _prefix_rule)
    reason = cookie.ignored or next((reason for rule in rules if (reason := rule(cookie, place))), "")
    return reason or _cross_site_rule(cookie, retrieval)


def why_not_sent(
    cookie: StoredCookie | SetCookie, set_by: str, url: str, now: float, retrieval: Retrieval = TYPED
) -> str:
    """Why a browser that stored the cookie from `set_by` does not send it to `url`; empty if it does.

    The lifetime of a `SetCookie` starts at `now`. Both URLs are absolute.
    """
    stored = _stored(cookie, place_of(set_by), now) if isinstance(cookie, SetCookie) else cookie
    return _why_withheld(stored, place_of(url), now, retrieval)


def _stored(cookie: SetCookie, place: Place, now: float) -> StoredCookie:
    lifetime = lifetime_s(cookie, now)
    domain = _effective_domain(cookie, place)
    return StoredCookie(
        name=cookie.name,
        value=cookie.value,
        domain=domain or place.host,
        host_only=not domain,
        path=cookie.path or default_path(place.path),
        secure=cookie.secure,
        http_only=cookie.http_only,
        same_site=cookie.same_site,
        expires_at=None if lifetime is None else now + lifetime,
        created_at=now,
        stored_at=now,
        partitioned=cookie.partitioned,
    )


def _effective_domain(cookie: SetCookie, place: Place) -> str:
    """The Domain that counts: a host that is itself a public suffix may set host-only cookies."""
    return "" if cookie.domain == place.host and is_public_suffix(cookie.domain) else cookie.domain


def _domain_rule(cookie: SetCookie, place: Place) -> str:
    """Section 5.7, steps 8 to 10; the list is asked last, for it takes time to load."""
    if not place.host:
        return refusals.NOT_A_WEB_ADDRESS
    domain = cookie.domain
    if not domain or domain == place.host:
        return ""
    if not domain_matches(place.host, domain):
        return refusals.DOMAIN_ELSEWHERE
    return refusals.PUBLIC_SUFFIX if is_public_suffix(domain) else ""


def _secure_rule(cookie: SetCookie, place: Place) -> str:
    return refusals.SECURE_OVER_HTTP if cookie.secure and not place.secure else ""


def _attribute_rule(cookie: SetCookie, _: Place) -> str:
    if cookie.secure:
        return ""
    if cookie.same_site == "none":
        return refusals.NONE_WITHOUT_SECURE
    return refusals.PARTITIONED_WITHOUT_SECURE if cookie.partitioned else ""  # CHIPS, section 2.1


def _prefix_rule(cookie: SetCookie, place: Place) -> str:
    """Section 5.7, steps 20 to 22; `Http-` is of draft-ietf-httpbis-layered-cookies and in Chrome."""
    start = ascii_lower(cookie.name or cookie.value)
    secure = bool(cookie.name) and cookie.secure
    if start.startswith("__secure-"):
        return "" if secure else refusals.SECURE_PREFIX
    if start.startswith("__http-"):
        return "" if secure and cookie.http_only else refusals.HTTP_PREFIX
    if start.startswith("__host-"):
        return "" if secure and _is_bound(cookie, place) else refusals.HOST_PREFIX
    return ""


def _is_bound(cookie: SetCookie, place: Place) -> bool:
    """Whether `__Host-` is kept: one host, all of its paths, and after `__Host-Http-` no scripts."""
    http_only = cookie.http_only or not ascii_lower(cookie.name).startswith("__host-http-")
    return http_only and cookie.path == "/" and not _effective_domain(cookie, place)


def _cross_site_rule(cookie: SetCookie, retrieval: Retrieval) -> str:
    """Section 5.7, step 18."""
    inside = not retrieval.same_site and not retrieval.top_level
    return refusals.SET_INSIDE_ANOTHER_SITE if inside and cookie.same_site != "none" else ""


def _would_overlay(new: StoredCookie, old: StoredCookie) -> bool:
    related = domain_matches(old.domain, new.domain) or domain_matches(new.domain, old.domain)
    return new.name == old.name and related and path_matches(new.path, old.path)


def _is_expired(cookie: StoredCookie, now: float) -> bool:
    return cookie.expires_at is not None and cookie.expires_at <= now


def _why_withheld(cookie: StoredCookie, place: Place, now: float, retrieval: Retrieval) -> str:
    return (
        (refusals.EXPIRED if _is_expired(cookie, now) else "")
        or _why_out_of_scope(cookie, place)
        or why_not_across_sites(cookie.same_site, now - cookie.created_at, retrieval)
        or (why_in_another_partition(retrieval) if cookie.partitioned else "")
    )


def _why_out_of_scope(cookie: StoredCookie, place: Place) -> str:
    if cookie.host_only and cookie.domain != place.host:
        return f"Domain is not set, so it goes to {_shown(cookie.domain)} only, not to {_shown(place.host)}"
    if not domain_matches(place.host, cookie.domain):
        return f"Domain={_shown(cookie.domain)} does not match {_shown(place.host)}"
    if not path_matches(place.path, cookie.path):
        return f"Path={_shown(cookie.path)} does not match {_shown(place.path)}"
    return "Secure, but the URL is plain HTTP" if cookie.secure and not place.secure else ""


def _shown(text: str) -> str:
    """Part of a URL for a sentence: short, and without `;jsessionid=...` or ASP.NET's `(S(...))`."""
    return _ID_IN_PATH.sub("", text.partition(";")[0])[:_SHOWN]
