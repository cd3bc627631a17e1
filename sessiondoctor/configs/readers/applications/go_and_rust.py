"""Go and Rust code that sets sessions up (gorilla, gin, scs, axum-login, tower-sessions, actix-session).

By patterns on the text; what code computes is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code.brackets import Code
from sessiondoctor.configs.code.expressions import Value, secret
from sessiondoctor.evidence.configs.application import SessionStore
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Go and Rust session set-up code (patterns on the text)"
_SETS_UP = regex(
    r"\b(?:sessions|cookie|memstore|redis|scs|session)\.New(?:Cookie|Filesystem|Session)?(?:Store|Manager)?\s*\("
    r"|\b(?:SessionLayer|SessionMiddleware|SessionManagerLayer|AuthManagerLayerBuilder)::(?:new|builder)\s*\("
    r"|\b(?:CookieSessionStore|RedisSessionStore|MemoryStore)::(?:default|new)\s*\("
)
_STORES: tuple[tuple[str, StorePlace], ...] = (
    (r"\bsessions\.NewCookieStore\s*\(|\bcookie\.NewStore\s*\(|\bCookieSessionStore::", "cookie"),
    (r"\bsessions\.NewFilesystemStore\s*\(", "files"),
    (r"\bmemstore\.New(?:Store|MemStore)?\s*\(|\bMemoryStore::(?:default|new)\s*\(", "memory"),
    (r"\bredis\.New(?:Store|StoreWithDB|RediStore)\s*\(|\bRedisSessionStore::|\bRedisStore::new\s*\(", "redis"),
)
_KEY = regex(
    r"\b(?:sessions\.NewCookieStore|cookie\.NewStore|redis\.NewStore|sessions\.NewFilesystemStore)\s*\("
    r"(?P<go>[^\n]{0,300})"
    r"|^[ \t]*let\s+(?:mut\s+)?(?P<name>secret|secret_key|session_secret|session_key|cookie_key)\b[^=\n]{0,60}="
    r"(?P<rust>[^;]{0,600});"
    r"|\bSessionMiddleware::(?:new|builder)\s*\((?P<actix>[^;]{0,300});",
    re.MULTILINE,
)
_RANDOM = regex(
    r"GenerateRandomKey\s*\(|\brand\.(?:Read|Text)\s*\(|\bthread_rng\s*\(|\bOsRng\b|\brand::(?:rng|random)\b"
    r"|\bKey::generate\s*\(|\bgetrandom\s*\("
)
_ENVIRONMENT = regex(r"os\.(?:Getenv|LookupEnv)\s*\(\s*\"(\w{1,80})\"|env::var\s*\(\s*\"(\w{1,80})\"")
_LITERAL = regex(r"\[\]byte\s*\(\s*\"([^\"\n]{1,200})\"\s*\)|Key::from\s*\(\s*b?\"([^\"\n]{1,200})\"")


def score(name: str, head: str) -> int:
    """A call that makes a store or a layer of sessions."""
    if "ession" not in head and "Store" not in head:
        return 0
    found = len(_SETS_UP.findall(head))
    return min(80, 58 + 6 * found) + (6 if name.endswith((".go", ".rs")) else 0) if found else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of one file."""
    code = Code(text.text)
    for pattern, place in _STORES:
        if found := regex(pattern).search(code.plain):
            yield SessionStore(at=text.at(code.line(found.start())), place=place, stack="other")
    for found in _KEY.finditer(code.plain):
        given = found["go"] or found["rust"] or found["actix"] or ""
        told = secret(_value(given), "session", found["name"] or "", "other", text, text.at(code.line(found.start())))
        yield from [told] if told else []


def _value(expression: str) -> Value:
    if found := _ENVIRONMENT.search(expression):
        return Value("environment", variable=found[1] or found[2])
    if _RANDOM.search(expression):
        return Value("random")
    if found := _LITERAL.search(expression):
        return Value("literal", found[1] or found[2])
    return Value()
