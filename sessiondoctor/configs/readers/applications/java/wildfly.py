"""WildFly and JBoss EAP: standalone.xml, domain.xml, jboss-web.xml, distributable-web.xml (docs.wildfly.org)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.java import clusters
from sessiondoctor.configs.readers.applications.java.infinispan import CACHES, cache_of
from sessiondoctor.configs.values import boolean, seconds, whole
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import (
    Manager,
    ProxyTrust,
    Route,
    SessionCookie,
    SessionIdle,
    SessionStore,
    Setting,
)  # fmt: skip
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "WildFly and JBoss EAP (standalone.xml, jboss-web.xml)"
_OWN = regex(
    r"urn:jboss:domain:|<(?:jboss-web|distributable-web)[\s>]|<servlet-container\s[^>]{0,200}\bname=|<replication-config[\s>]"
    r"|<(?:infinispan|hotrod)-session-management\s|<http-listener\s[^>]{0,400}\bsocket-binding="
)


def score(_name: str, head: str) -> int:
    """Its name space and elements."""
    return 93 if _OWN.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """Undertow's routes and cookies, the cluster, the web caches, and the deployment's own settings."""
    root = read_xml(text.text)
    yield from _undertow(root, text)
    yield from _listeners(root, text)
    yield from _cluster(root, text)
    for container in root.walk("cache-container"):
        if container.get("name") in {"web", "ejb", "distributable-web"}:
            yield from (cache_of(cache, text) for cache in _in_use(container))
    yield from _deployment(root, text)


def _in_use(container: Element) -> Iterator[Element]:
    """The cache that sessions go to: the default one, or the only one."""
    caches = list(container.all(*CACHES))
    default = container.get("default-cache")
    if container.get("name") != "ejb":
        yield from (cache for cache in caches if cache.get("name") == default or len(caches) == 1)


def _undertow(root: Element, text: Text) -> Iterator[Fact]:
    for subsystem in root.walk("subsystem"):
        if "undertow" in subsystem.get("xmlns") and "${" not in (route := subsystem.get("instance-id")) and route:
            at = text.at(subsystem.line_of("instance-id"), subsystem.column)
            yield Route(at=at, route=route, setting="instance-id", stack="wildfly")
    for container in root.walk("servlet-container"):
        minutes = whole(container.get("default-session-timeout"))
        if minutes and minutes > 0:
            yield SessionIdle(at=text.at(container.line_of("default-session-timeout")), seconds=minutes * 60.0,
                              setting="default-session-timeout", stack="wildfly")  # fmt: skip
        for cookie in container.all("session-cookie"):
            yield SessionCookie(at=text.at(cookie.line, cookie.column), cookie=_rule(cookie), stack="wildfly")
        for kept in container.all("persistent-sessions"):
            yield SessionStore(
                at=text.at(kept.line, kept.column), place="files", endpoint=kept.get("path"), stack="wildfly"
            )


def _rule(cookie: Element) -> CookieRule:
    return CookieRule(
        name=cookie.get("name"),
        secure=boolean(cookie.get("secure")),
        http_only=boolean(cookie.get("http-only")),
        same_site=cookie.get("same-site").lower(),
        path=cookie.get("path"),
        domain=cookie.get("domain"),
        life_s=seconds(cookie.get("max-age")),
    )


def _listeners(root: Element, text: Text) -> Iterator[Fact]:
    for listener in root.walk("http-listener"):
        trusts = boolean(listener.get("proxy-address-forwarding"))
        if trusts is not None or listener.get("socket-binding"):
            at = text.at(listener.line_of("proxy-address-forwarding"), listener.column)
            yield ProxyTrust(at=at, trusts=bool(trusts), setting="proxy-address-forwarding", stack="wildfly")


def _cluster(root: Element, text: Text) -> Iterator[Fact]:
    """The stack that the default channel uses; of a fragment each one."""
    channels = {one.get("name"): one for holder in root.walk("channels") for one in holder.all("channel")}
    used = {one.get("stack") for one in channels.values()}
    cluster = next((one.get("cluster") for one in channels.values() if "$" not in one.get("cluster")), "")
    for stack in root.walk("stack"):
        if used and stack.get("name") not in used:
            continue
        found = clusters.stack(stack.children)
        if found.place:
            told = (("role", "cluster"), ("cluster", cluster), ("stack", stack.get("name")))
            yield Manager(at=text.at(found.place.line, found.place.column), product="jgroups", stack="wildfly",
                          discovery=found.discovery, bind=found.bind, members=found.members,
                          settings=tuple((name, value) for name, value in told if value))  # fmt: skip
    for interface in root.walk("interface"):
        address = next((one for one in interface.all("inet-address")), None)
        if interface.get("name") == "private" and address and clusters.is_loopback(address.get("value")):
            yield Manager(at=text.at(address.line, address.column), product="jgroups", bind=address.get("value"),
                          settings=(("role", "cluster"),), stack="wildfly")  # fmt: skip


def _deployment(root: Element, text: Text) -> Iterator[Fact]:
    for web in root.walk("jboss-web", "distributable-web"):
        config = next(web.walk("replication-config"), None)
        granularity = next(web.walk("replication-granularity"), None)
        for found in (config, granularity):
            if found and (value := found.text.strip()):
                yield Setting(at=text.at(found.line, found.column), name=found.name, value=value, stack="wildfly")
        for management in web.walk("session-management", "infinispan-session-management", "hotrod-session-management"):
            granular = management.get("granularity")
            if granular:
                yield Setting(at=text.at(management.line), name="granularity", value=granular, stack="wildfly")
