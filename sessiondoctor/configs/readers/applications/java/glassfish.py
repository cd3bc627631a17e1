"""GlassFish and Payara: glassfish-web.xml, sun-web.xml, payara-web.xml, domain.xml (Application Deployment Guide)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import Manager, Route, SessionCookie, SessionIdle, SessionStore
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "GlassFish and Payara (glassfish-web.xml, domain.xml)"
_OWN = regex(
    r"<(?:glassfish|sun|payara)-web-app[\s>]|<session-manager\s[^>]{0,100}\bpersistence-type=|<availability-service[\s>]"
    r"|<web-container-availability[\s/]|<hazelcast-(?:runtime|config-specific)-configuration|<jvm-options>-DjvmRoute="
    r"|<domain\s[^>]{0,300}\bapplication-root="
)
_COPIED = {"replicated", "ha", "hazelcast", "coherence-web"}


def score(_name: str, head: str) -> int:
    """Elements that only these have."""
    return 91 if _OWN.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """Session manager, cookie, route, and whether sessions are copied."""
    root = read_xml(text.text)
    for one in root.walk("session-manager", "web-container-availability"):
        yield from _manager(one, text)
    for service in root.walk("availability-service"):
        off = boolean(service.get("availability-enabled")) is False
        if off:
            yield Manager(at=text.at(service.line_of("availability-enabled"), service.column), product="glassfish",
                          distributable=False, settings=(("role", "cluster"),))  # fmt: skip
    for config in root.walk("session-config"):
        yield from _session(config, text)
    yield from _routes(root, text)
    for one in root.walk("hazelcast-runtime-configuration", "hazelcast-config-specific-configuration"):
        yield from _grid(one, text)


def _manager(one: Element, text: Text) -> Iterator[Fact]:
    kind = one.get("persistence-type") or "memory"
    if not one.get("persistence-type") and one.name != "session-manager":
        return
    at = text.at(one.line_of("persistence-type"), one.column)
    settings = (("persistence-type", kind), ("persistence-scope", one.get("persistence-scope")))
    kept = tuple((name, value) for name, value in settings if value)
    yield Manager(at=at, product="glassfish", distributable=kind in _COPIED, settings=kept)
    if kind == "memory":
        yield SessionStore(at=at, place="memory")
    elif kind == "file":
        yield SessionStore(at=at, place="files")


def _given(holder: Element | None) -> dict[str, str]:
    return {one.get("name"): one.get("value") for one in holder.all("property")} if holder else {}


def _session(config: Element, text: Text) -> Iterator[Fact]:
    life = seconds(_given(config.first("session-properties")).get("timeoutSeconds", ""))
    place = config.first("session-properties") or config
    if life and life > 0:
        yield SessionIdle(at=text.at(place.line, place.column), seconds=life, setting="timeoutSeconds")
    cookie = config.first("cookie-properties")
    told = _given(cookie)
    rule = CookieRule(
        name=told.get("cookieName", ""),
        path=told.get("cookiePath", ""),
        domain=told.get("cookieDomain", ""),
        secure=boolean(told.get("cookieSecure", "")),
        http_only=boolean(told.get("cookieHttpOnly", "")),
        same_site=told.get("cookieSameSite", "").lower(),
        life_s=seconds(told.get("cookieMaxAgeSeconds", "")),
    )
    if cookie and rule != CookieRule():
        yield SessionCookie(at=text.at(cookie.line, cookie.column), cookie=rule)


def _routes(root: Element, text: Text) -> Iterator[Fact]:
    for one in root.walk("jvm-options", "system-property"):
        value = one.text.strip().removeprefix("-DjvmRoute=") if one.name == "jvm-options" else one.get("value")
        named = one.text.strip().startswith("-DjvmRoute=") or one.get("name") == "jvmRoute"
        if named and value and "${" not in value:
            yield Route(at=text.at(one.line, one.column), route=value)


def _grid(one: Element, text: Text) -> Iterator[Fact]:
    """Payara's data grid; its default discovery is by the domain's own list of instances."""
    ways = {"domain": "domain", "tcpip": "static", "multicast": "multicast", "kubernetes": "kubernetes", "dns": "dns"}
    discovery = ways.get(one.get("discovery-mode"), "")
    members = tuple(filter(None, one.get("tcpip-members").replace(" ", "").split(",")))
    address = one.get("interface") or one.get("public-address")
    if discovery or members or address:
        yield Manager(at=text.at(one.line, one.column), product="hazelcast", discovery=discovery, members=members,
                      bind=address, settings=(("role", "cluster"),))  # fmt: skip
