"""Apache Tomcat: server.xml and context.xml (tomcat.apache.org, Configuration Reference)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.java.session_managers import manager, product_of
from sessiondoctor.configs.values import boolean, whole
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import Manager, ProxyTrust, Route, SessionCookie, Setting
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Apache Tomcat (server.xml, context.xml)"
_OWN = regex(
    r"<(?:Engine\s[^>]{0,400}\b(?:jvmRoute|defaultHost)\s*=|Server\s[^>]{0,200}\bshutdown\s*="
    r"|(?:Cluster|Manager|Membership|Receiver|Channel|Valve|Interceptor|Sender|Store|CookieProcessor|Host|Context)"
    r"\s[^>]{0,600}?\bclassName\s*=\s*[\"'](?:org\.apache\.(?:catalina|tomcat)|com\.hazelcast\.session"
    r"|org\.redisson\.tomcat|de\.javakaffee|com\.(?:orangefunction|radiadesign)|tomcat\.request)"
    r"|Manager\s[^>]{0,300}\bclassName\s*=|CookieProcessor\s[^>]{0,200}\bsameSiteCookies\s*="
    r"|Context\s[^>]{0,600}\b(?:sessionCookie(?:Name|Path|Domain)|docBase|reloadable|crossContext|antiResourceLocking|useHttpOnly)\s*=)"
)
_NAMED = regex(r"<(?:Engine|Connector|Context|Host|Manager|Cluster)[\s>]")
_ASYNCHRONOUS = 8  # Channel.SEND_OPTIONS_ASYNCHRONOUS


def score(name: str, head: str) -> int:
    """Elements and classes of Tomcat's."""
    if _OWN.search(head):
        return 90
    return 62 if re.fullmatch(r"(?:server|context)\S*\.xml\S*", name) and _NAMED.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """Routes, clusters, managers, cookies and what is believed of proxies."""
    root = read_xml(text.text)
    for engine in root.walk("Engine"):
        yield from _route(engine, text)
    for cluster in root.walk("Cluster"):
        yield _cluster(cluster, text)
    yield from _no_cluster(root, text)
    of_clusters = {id(one) for cluster in root.walk("Cluster") for one in cluster.walk("Manager")}
    for found in root.walk("Manager"):
        if id(found) not in of_clusters:
            yield from manager(found, text)
    for context in root.walk("Context"):
        yield from _cookie(context, text)
    yield from _loose_processors(root, text)
    yield from _trust(root, text)
    yield from _sign_on(root, text)


def _route(engine: Element, text: Text) -> Iterator[Fact]:
    route = engine.get("jvmRoute")
    if not re.search(r"\$\{|TEMPLATED|@", route):
        yield Route(at=text.at(engine.line_of("jvmRoute"), engine.column), route=route, stack="tomcat")


def _cluster(cluster: Element, text: Text) -> Manager:
    inner = next(cluster.all("Manager"), None)
    membership = next(cluster.walk("Membership"), None)
    receiver = next(cluster.walk("Receiver"), None)
    options = whole(cluster.get("channelSendOptions") or str(_ASYNCHRONOUS))
    discovery, members = _discovery(cluster, membership)
    return Manager(
        at=text.at(*_place(receiver or cluster)) if _is_local(receiver) else text.at(*_place(cluster)),
        product=product_of(inner.get("className")) if inner else "tomcat-delta",
        distributable=None,
        discovery=discovery,
        bind=receiver.get("address") if receiver else "",
        members=members,
        asynchronous=bool((options or 0) & _ASYNCHRONOUS),
        settings=tuple(_cluster_settings(cluster, inner, membership)),
        stack="tomcat",
    )


def _no_cluster(root: Element, text: Text) -> Iterator[Fact]:
    """A server.xml that was seen to its end, and has no cluster."""
    for server in root.all("Server"):
        if server.closed and not next(server.walk("Cluster"), None):
            place = next(server.walk("Engine"), server)
            yield Manager(at=text.at(place.line, place.column), product="tomcat", distributable=False,
                          settings=(("role", "server"),), stack="tomcat")  # fmt: skip


def _place(element: Element) -> tuple[int, int]:
    return element.line_of("address") if element.name == "Receiver" else element.line, element.column


def _is_local(receiver: Element | None) -> bool:
    return receiver is not None and receiver.get("address").startswith(("127.", "localhost"))


def _discovery(cluster: Element, membership: Element | None) -> tuple[str, tuple[str, ...]]:
    members = tuple(f"{one.get('host')}:{one.get('port')}" for one in cluster.walk("Member"))
    class_name = membership.get("className") if membership else ""
    provider = membership.get("membershipProviderClassName") if membership else ""
    if "CloudMembership" in class_name:
        return "dns" if "dns" in provider.lower() else "kubernetes", members
    if members or "Static" in class_name:
        return "static", members
    return "multicast", members


def _cluster_settings(cluster: Element, inner: Element | None, membership: Element | None) -> Iterator[tuple[str, str]]:
    yield "role", "cluster"
    for name in ("channelSendOptions", "channelStartOptions"):
        if cluster.get(name):
            yield name, cluster.get(name)
    for name in ("expireSessionsOnShutdown", "sessionAttributeFilter", "stateTransferTimeout"):
        if inner and inner.get(name):
            yield name, inner.get(name)
    if membership and membership.get("address"):
        yield "group", f"{membership.get('address')}:{membership.get('port') or '45564'}"
    if membership and membership.get("domain"):
        yield "domain", membership.get("domain")


def _cookie(context: Element, text: Text) -> Iterator[Fact]:
    processor = next(context.all("CookieProcessor"), None)
    rule = CookieRule(
        name=context.get("sessionCookieName"),
        http_only=boolean(context.get("useHttpOnly")),
        same_site=_same_site(processor) if processor else "",
        path=context.get("sessionCookiePath"),
        domain=context.get("sessionCookieDomain"),
    )
    if rule != CookieRule():
        first = next((word for word in ("sessionCookieName", "sessionCookiePath", "sessionCookieDomain")
                      if context.get(word)), "")  # fmt: skip
        line = processor.line_of("sameSiteCookies") if processor and not first else context.line_of(first)
        yield SessionCookie(at=text.at(line, context.column), cookie=rule, stack="tomcat")


def _loose_processors(root: Element, text: Text) -> Iterator[Fact]:
    """A `<CookieProcessor>` shown without its Context."""
    for processor in root.all("CookieProcessor"):
        if same_site := _same_site(processor):
            at = text.at(processor.line_of("sameSiteCookies"), processor.column)
            yield SessionCookie(at=at, cookie=CookieRule(same_site=same_site), stack="tomcat")


def _same_site(processor: Element) -> str:
    word = processor.get("sameSiteCookies").lower()
    return "" if word == "unset" else word


def _trust(root: Element, text: Text) -> Iterator[Fact]:
    """RemoteIpValve, a Connector that says https, or a whole server.xml with neither."""
    valves = [one for one in root.walk("Valve") if one.get("className").endswith(("RemoteIpValve", "SSLValve"))]
    for valve in valves:
        name = valve.get("className").rpartition(".")[2]
        yield ProxyTrust(at=text.at(valve.line, valve.column), trusts=True, setting=name, stack="tomcat")
    fixed = [one for one in root.walk("Connector") if one.get("scheme") == "https" or boolean(one.get("SSLEnabled"))]
    for connector in fixed:
        at = text.at(connector.line_of("scheme"), connector.column)
        yield ProxyTrust(at=at, trusts=True, setting="Connector scheme", stack="tomcat")
    for server in root.walk("Server"):
        host = next(server.walk("Host"), None) or next(server.walk("Engine"), None)
        if server.closed and host and not valves and not fixed:
            at = text.at(host.line, host.column)
            yield ProxyTrust(at=at, trusts=False, setting="RemoteIpValve", stack="tomcat")


def _sign_on(root: Element, text: Text) -> Iterator[Fact]:
    for valve in root.walk("Valve"):
        name = valve.get("className").rpartition(".")[2]
        if name in {"SingleSignOn", "ClusterSingleSignOn"}:
            yield Setting(at=text.at(valve.line, valve.column), name=name, scope="Valve", stack="tomcat")
