"""Jetty: XML (`<Configure>`) and start.d/*.ini (jetty.org, Session Management)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.java import properties
from sessiondoctor.configs.java.session_managers import jdbc_host
from sessiondoctor.configs.lines import line_at
from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import ProxyTrust, Route, SessionCookie, SessionIdle, SessionStore
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.java.properties import Document
    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Jetty (XML, start.d ini)"
_XML = regex(
    r"<Configure\s[^>]{0,300}\bclass\s*=\s*[\"']org\.(?:eclipse\.jetty|mortbay)\.|jetty\.(?:org|dev)/configure"
)
_INI = regex(
    r"^[ \t]*(?:jetty\.(?:session\w*|httpConfig|sslContext)\.[\w.]+[ \t]*="
    r"|--module=[ \t]*(?:session-|http-forwarded|sessions))",
    re.MULTILINE,
)
_STORES: dict[str, StorePlace] = {
    "file": "files", "jdbc": "sql", "mongo": "other", "hazelcast-remote": "cluster", "hazelcast-embedded": "cluster",
    "infinispan-remote": "cluster", "infinispan-embedded": "cluster", "gcloud": "other", "cache-null": "other",
}  # fmt: skip
_MODULE = regex(r"^[ \t]*--(?:module|add-to-start)=([\w,-]{1,300})", re.MULTILINE)


def score(_name: str, head: str) -> int:
    """Its root element, or its properties."""
    return 91 if _XML.search(head) else 88 if _INI.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """Worker name, store, cookie, and what is believed of proxies."""
    if _XML.search(text.text):
        yield from _of_xml(text)
        return
    for document in properties.documents(text.text.replace("--module", "# --module")):
        yield from _of_ini(document, text)
    yield from _modules(text)


def _of_ini(document: Document, text: Text) -> Iterator[Fact]:
    if (one := document.get("jetty.sessionidmanager.workername")) and one.known:
        yield Route(at=text.at(one.line, one.column), route=one.known, setting="workerName", stack="jetty")
    folder = document.get("jetty.session.file.storedir")
    if folder:
        yield SessionStore(at=text.at(folder.line), place="files", endpoint=folder.known, stack="jetty")


def _modules(text: Text) -> Iterator[Fact]:
    for found in _MODULE.finditer(text.text):
        at = text.at(line_at(text.text, found.start()))
        for name in found[1].split(","):
            kind = name.removeprefix("session-store-")
            if name != kind and kind in _STORES:
                yield SessionStore(at=at, place=_STORES[kind], stack="jetty")
            elif name == "http-forwarded":
                yield ProxyTrust(at=at, trusts=True, setting=name, stack="jetty")


def _of_xml(text: Text) -> Iterator[Fact]:
    root = read_xml(text.text)
    for one in root.walk("Set"):
        if one.get("name") == "workerName" and (route := _value(one)):
            yield Route(at=text.at(one.line, one.column), route=route, setting="workerName", stack="jetty")
    for one in root.walk("New"):
        yield from _made(one, text)
    yield from _handlers(root, text)
    for call in root.walk("Call", "New", "Arg"):
        if "ForwardedRequestCustomizer" in (call.get("class") or call.text):
            yield ProxyTrust(at=text.at(call.line), trusts=True, setting="ForwardedRequestCustomizer", stack="jetty")


def _value(one: Element) -> str:
    """A literal, or the default of a property; nothing for what comes from the environment."""
    return "" if next(one.walk("Env", "SystemProperty"), None) else (one.text.strip() or _default(one))


def _default(one: Element) -> str:
    found = next(one.walk("Property"), None)
    return found.get("default") or found.words("Default") if found else ""


def _made(one: Element, text: Text) -> Iterator[Fact]:
    kind = one.get("class").rpartition(".")[2]
    places: dict[str, StorePlace] = {
        "FileSessionDataStore": "files", "FileSessionDataStoreFactory": "files", "JDBCSessionDataStoreFactory": "sql",
        "JDBCSessionDataStore": "sql", "MongoSessionDataStoreFactory": "other", "HashSessionManager": "memory",
        "HazelcastSessionDataStoreFactory": "cluster", "InfinispanSessionDataStoreFactory": "cluster",
        "NullSessionDataStore": "memory", "JDBCSessionIdManager": "sql", "MongoSessionIdManager": "other",
    }  # fmt: skip
    if kind in places:
        folder = next((_value(inner) for inner in one.walk("Set") if inner.get("name") == "storeDir"), "")
        url = next((inner.text for inner in one.walk("Arg", "Set") if inner.text.strip().startswith("jdbc:")), "")
        yield SessionStore(at=text.at(one.line, one.column), place=places[kind], stack="jetty",
                           endpoint=folder or jdbc_host(url.strip()))  # fmt: skip


def _handlers(root: Element, text: Text) -> Iterator[Fact]:
    """`<Get name="sessionHandler">` and what is set on it."""
    for handler in root.walk("Get", "New"):
        named = handler.get("name") in {"sessionHandler", "SessionHandler"}
        if not named and not handler.get("class").endswith(".SessionHandler"):
            continue
        told = {inner.get("name").lower(): inner for inner in handler.walk("Set")}
        life = seconds(_value(told["maxinactiveinterval"])) if "maxinactiveinterval" in told else None
        if life and life > 0:
            yield SessionIdle(at=text.at(told["maxinactiveinterval"].line), seconds=life,
                              setting="maxInactiveInterval", stack="jetty")  # fmt: skip
        words = {name: _value(inner) for name, inner in told.items()}
        rule = CookieRule(
            name=words.get("sessioncookie", ""),
            path=words.get("sessionpath", ""),
            domain=words.get("sessiondomain", ""),
            secure=boolean(words.get("secure", "")),
            http_only=boolean(words.get("httponly", "")),
            same_site=words.get("samesite", "").lower(),
        )
        if rule != CookieRule():
            yield SessionCookie(at=text.at(handler.line, handler.column), cookie=rule, stack="jetty")
