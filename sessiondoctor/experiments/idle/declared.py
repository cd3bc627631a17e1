"""How long cookies, tokens and keys in stores say themselves that they live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.located import Located
from sessiondoctor.formats.jwt import read_jwt
from sessiondoctor.formats.set_cookie import lifetime_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.probes.browser.results import Setting
    from sessiondoctor.probes.responses.cookie_roles import Roles


@dataclass(frozen=True, slots=True)
class Declared:
    """One life that is said, not measured.

    Attributes:
        what: whose it is, such as `cookie connect.sid`.
        seconds: how long; None for ever, or as long as the browser is open.
        by: what says so: `Max-Age`, `exp` ...
        renewed: whether use renews it; None if that was not seen.
    """

    what: str
    seconds: float | None
    by: str
    renewed: bool | None = None


def of_cookies(settings: Iterable[Setting], roles: Roles) -> Iterator[Declared]:
    """The session's cookie and those for affinity, as they were first set."""
    seen = list(settings)
    for name in dict.fromkeys(filter(None, (roles.session, *roles.affinity_names))):
        own = [one for one in seen if one.cookie.name == name and not one.deletes and one.carrier == "cookie"]
        if own:
            cookie = own[0].cookie
            by = "Max-Age" if cookie.max_age_s is not None else "Expires" if cookie.expires is not None else ""
            yield Declared(f"cookie {name}", lifetime_s(cookie, own[0].at), by or "until the browser is closed")


def of_tokens(settings: Iterable[Setting], values: Iterable[str]) -> Iterator[Declared]:
    """JSON Web Tokens in cookies and in what flows extract; each length once."""
    texts = [("token in cookie " + one.cookie.name, one.cookie.value) for one in settings]
    texts += [("token", value) for value in values]
    found: dict[str, float] = {}
    for what, text in texts:
        claims = read_jwt(text)
        if claims and claims.expires_at is not None and claims.issued_at is not None:
            found.setdefault(what, round(claims.expires_at - claims.issued_at, 3))
    yield from (Declared(what, seconds, "exp") for what, seconds in found.items())


def of_stores(gathered: Gathered) -> Iterator[Declared]:
    """The keys of our own sessions in each store that was searched."""
    places = [
        place
        for piece in gathered.of(Located)
        if piece.value is not None
        for session in piece.value.sessions
        for place in session.places
        if place.ttl_s is not None and not place.timeless
    ]
    for what in dict.fromkeys(f"store {place.store} ({place.prefix}*)" for place in places):
        place = next(one for one in places if f"store {one.store} ({one.prefix}*)" == what)
        assert place.ttl_s is not None
        seconds = None if place.ttl_s < 0 else place.ttl_s - place.beyond_s
        yield Declared(
            what, seconds, "TTL after the write", _renewed(place.ttl_s, place.ttl_after_read_s, place.paused_s)
        )


def _renewed(before_s: float, after_s: float | None, paused_s: float) -> bool | None:
    """Whether a request after a pause set the time back to the whole life."""
    if after_s is None or before_s < 0 or paused_s <= 0:
        return None
    return after_s > before_s - paused_s / 2
