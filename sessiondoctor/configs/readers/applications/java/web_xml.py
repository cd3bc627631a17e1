"""Servlet deployment descriptor: WEB-INF/web.xml (Jakarta Servlet specification, chapter 14)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.values import boolean, seconds, whole
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import (
    Manager,
    ProxyTrust,
    Secret,
    SessionCookie,
    SessionIdle,
    Setting,
)  # fmt: skip
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Servlet deployment descriptor (web.xml)"
_OWN = regex(
    r"<(?:\w+:)?(?:web-app|web-fragment|session-config|session-timeout|cookie-config|tracking-mode|distributable|filter-class"
    r"|servlet-class|context-param)[\s/>]"
)
_PASSWORDS = ("com.sun.faces.ClientStateSavingPassword", "ClientSideSecretKey", "org.apache.myfaces.SECRET")


def score(name: str, head: str) -> int:
    """Elements that only this descriptor has."""
    if re.search(r"<(?:weblogic|glassfish|sun)-web-app|<jboss-web[\s>]", head):
        return 0
    found = set(_OWN.findall(head))
    named = 5 if re.fullmatch(r"web(?:-fragment)?\.xml", name) else 0
    return 85 + named if found else 0


def read(text: Text) -> Iterator[Fact]:
    """The session's settings, and filters that keep sessions or believe a proxy."""
    root = read_xml(text.text)
    yield from _distributable(root, text)
    for config in root.walk("session-config"):
        yield from _session(config, text)
    for loose in root.all("session-timeout", "cookie-config", "tracking-mode"):
        yield from _setting(loose, text)
    for found in root.walk("filter"):
        yield from _filter(found, text)
    yield from _view_state(root, text)


def _distributable(root: Element, text: Text) -> Iterator[Fact]:
    """The element, or that a descriptor which was seen to its end does not have it."""
    asked = next(root.walk("distributable"), None)
    if asked:
        yield Manager(at=text.at(asked.line, asked.column), product="servlet", distributable=True)
        return
    for app in root.all("web-app"):
        if app.closed:
            yield Manager(at=text.at(app.line, app.column), product="servlet", distributable=False)


def _session(config: Element, text: Text) -> Iterator[Fact]:
    for child in config.children:
        yield from _setting(child, text)


def _setting(element: Element, text: Text) -> Iterator[Fact]:
    at = text.at(element.line, element.column)
    if element.name == "session-timeout":
        minutes = whole(element.text)
        if minutes and minutes > 0:
            yield SessionIdle(at=at, seconds=minutes * 60.0, setting="session-timeout")
        elif minutes is not None:
            yield Setting(at=at, name="session-timeout", value=str(minutes))
    elif element.name == "tracking-mode":
        yield Setting(at=at, name="tracking-mode", value=element.text.strip().upper())
    elif element.name == "cookie-config" and (rule := _rule(element)) != CookieRule():
        yield SessionCookie(at=at, cookie=rule)


def _rule(config: Element) -> CookieRule:
    attributes = {one.words("attribute-name").lower(): one.words("attribute-value") for one in config.all("attribute")}
    return CookieRule(
        name=config.words("name"),
        secure=boolean(config.words("secure")),
        http_only=boolean(config.words("http-only")),
        same_site=attributes.get("samesite", "").lower(),
        path=config.words("path"),
        domain=config.words("domain"),
        life_s=seconds(config.words("max-age")),
    )


def _filter(found: Element, text: Text) -> Iterator[Fact]:
    class_name, at = found.words("filter-class"), text.at(found.line, found.column)
    settings = {one.words("param-name"): one.words("param-value") for one in found.all("init-param")}
    if class_name == "com.hazelcast.web.WebFilter":
        kept = ("map-name", "sticky-session", "deferred-write", "cookie-name", "use-client", "map-timeout")
        yield Manager(at=at, product="hazelcast", sticky=boolean(settings.get("sticky-session", "true")) is not False,
                      settings=tuple((name, settings[name]) for name in kept if name in settings))  # fmt: skip
    elif found.words("filter-name") == "springSessionRepositoryFilter":
        yield Manager(at=at, product="spring-session", stack="spring")
    elif class_name.endswith((".RemoteIpFilter", ".ForwardedHeaderFilter")):
        yield ProxyTrust(at=at, trusts=True, setting=class_name.rpartition(".")[2])


def _view_state(root: Element, text: Text) -> Iterator[Fact]:
    """JSF keeps views at the client: encrypted with a password that is given, or made at each start."""
    params = {one.words("param-name"): one for one in root.walk("context-param")}
    entries = {one.words("env-entry-name").rpartition("/")[2]: one for one in root.walk("env-entry")}
    saving = next((one for name, one in params.items() if name.endswith("faces.STATE_SAVING_METHOD")), None)
    if not saving or saving.words("param-value").lower() != "client":
        return
    given = {**entries, **params}
    if name := next((name for name in _PASSWORDS if name in given), ""):
        value = given[name].words("param-value") or given[name].words("env-entry-value")
        yield Secret(at=text.at(given[name].line), use="view-state", origin="literal", variable=name,
                     print=text.fingerprint(value), stack="jsf")  # fmt: skip
    elif any(app.closed for app in root.all("web-app")):
        at = text.at(saving.line, saving.column)
        yield Secret(at=at, use="view-state", origin="made-at-start", variable=_PASSWORDS[0], stack="jsf")
