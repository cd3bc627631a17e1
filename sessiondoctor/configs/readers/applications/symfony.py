"""Symfony's framework.yaml: session handler, cookie, secret, trusted proxies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code.expressions import Value, secret
from sessiondoctor.configs.values import boolean, endpoint, seconds
from sessiondoctor.configs.yaml import documents
from sessiondoctor.evidence.configs.application import ProxyTrust, SessionCookie, SessionIdle, SessionStore
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Symfony framework.yaml"
_FRAMEWORK = regex(r"^framework[ \t]*:[ \t]*(?:#.*)?$", re.MULTILINE)
_HANDLER = regex(r"^[ \t]+(?:handler_id|cookie_secure|cookie_samesite|storage_factory_id)[ \t]*:", re.MULTILINE)
_ENV = regex(r"%env\((?:\w{1,20}:)*(?:default:\w*:)?(\w{1,80})\)%")
_SCHEMES: tuple[tuple[str, StorePlace], ...] = (
    ("redis", "redis"), ("memcached", "memcached"), ("pdo", "sql"), ("mysql", "sql"), ("pgsql", "sql"),
    ("postgres", "sql"), ("sqlite", "sql"), ("native_file", "files"), ("mongo", "other"), ("file", "files"),
)  # fmt: skip


def score(name: str, head: str) -> int:
    """`framework:` at the beginning of a line, or a session's handler."""
    if _FRAMEWORK.search(head):
        return 82
    return 74 + (3 if name == "framework.yaml" else 0) if _HANDLER.search(head) and "session:" in head else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of `framework:`; of a fragment those of `session:`."""
    for root in documents(text.text):
        framework = root.get("framework") or root
        for key, node in framework.items():
            if key == "session" and isinstance(node.value, dict):
                yield from _session(node, text)
            elif key == "secret" and isinstance(node.value, str):
                yield from _secret(node, text)
            elif key == "trusted_proxies":
                yield ProxyTrust(at=text.at(node.line, node.column), trusts=True, setting=key, stack="php")


def _secret(node: Node, text: Text) -> Iterator[Fact]:
    found = _ENV.search(node.text())
    value = Value("environment", variable=found[1]) if found else Value("literal", node.text())
    told = secret(value, "csrf", "secret", "php", text, text.at(node.line, node.column))
    yield from [told] if told and not node.text().startswith("%kernel") else []


def _session(node: Node, text: Text) -> Iterator[Fact]:
    handler = node.get("handler_id")
    word = handler.text().lower() if handler else ""
    place = next((place for start, place in _SCHEMES if start in word), None)
    if handler and place and "mock" not in word:
        where, database = endpoint(handler.text(), 6379 if place == "redis" else 0) if "://" in word else ("", "")
        folder = node.text("save_path") if place == "files" else ""
        yield SessionStore(at=text.at(handler.line, handler.column), place=place, endpoint=folder or where,
                           database=database, stack="php")  # fmt: skip
    life = node.get("gc_maxlifetime")
    if life and (age := seconds(life.text())):
        yield SessionIdle(at=text.at(life.line, life.column), seconds=age, setting="gc_maxlifetime", stack="php")
    rule = CookieRule(
        name=node.text("name"), secure=boolean(node.text("cookie_secure")),
        same_site=node.text("cookie_samesite").lower(), domain=node.text("cookie_domain"),
        path=node.text("cookie_path"), life_s=seconds(node.text("cookie_lifetime")),
    )  # fmt: skip
    if rule != CookieRule():
        yield SessionCookie(at=text.at(node.line, node.column), cookie=rule, stack="php")
