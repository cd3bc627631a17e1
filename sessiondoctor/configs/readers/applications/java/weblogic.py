"""WebLogic: WEB-INF/weblogic.xml (Developing Web Applications, session-descriptor)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import Manager, SessionCookie, SessionIdle, SessionStore
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "WebLogic (weblogic.xml)"
_OWN = regex(r"<(?:\w+:)?(?:weblogic-web-app|session-descriptor|persistent-store-type)[\s>]")
_PLACES: dict[str, StorePlace] = {
    "memory": "memory", "file": "files", "jdbc": "sql", "async-jdbc": "sql", "cookie": "cookie",
    "coherence-web": "cluster",
}  # fmt: skip
_COPIED = {"replicated", "replicated_if_clustered", "async-replicated", "async-replicated-if-clustered"}


def score(_name: str, head: str) -> int:
    """Elements that only it has."""
    return 92 if _OWN.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """The session descriptor; without a persistent store type sessions are in memory."""
    root = read_xml(text.text)
    found = list(root.walk("session-descriptor"))
    for descriptor in found or ([root] if next(root.walk("persistent-store-type"), None) else []):
        yield from _descriptor(descriptor, text)


def _descriptor(descriptor: Element, text: Text) -> Iterator[Fact]:
    stated = descriptor.first("persistent-store-type")
    kind = stated.text.strip() if stated else "memory" if descriptor.closed and descriptor.name else ""
    place = stated or descriptor
    at = text.at(place.line, place.column)
    if kind in _COPIED or kind == "memory":
        later = True if kind.startswith("async") else None
        yield Manager(at=at, product="weblogic", distributable=kind in _COPIED, asynchronous=later, stack="weblogic",
                      settings=(("persistent-store-type", kind),))  # fmt: skip
    if kind in _PLACES:
        yield SessionStore(at=at, place=_PLACES[kind], default=stated is None, stack="weblogic")
    life = seconds(descriptor.words("timeout-secs"))
    if life and life > 0:
        line = (descriptor.first("timeout-secs") or descriptor).line
        yield SessionIdle(at=text.at(line), seconds=life, setting="timeout-secs", stack="weblogic")
    rule = CookieRule(
        name=descriptor.words("cookie-name"),
        path=descriptor.words("cookie-path"),
        domain=descriptor.words("cookie-domain"),
        secure=boolean(descriptor.words("cookie-secure")),
        http_only=boolean(descriptor.words("cookie-http-only")),
    )
    if rule != CookieRule():
        yield SessionCookie(at=text.at(descriptor.line, descriptor.column), cookie=rule, stack="weblogic")
