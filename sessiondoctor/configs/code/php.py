"""PHP's session settings by name, wherever they stand, and its expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sessiondoctor.configs.code.brackets import literal, number
from sessiondoctor.configs.code.expressions import Value
from sessiondoctor.configs.values import boolean, endpoint, seconds
from sessiondoctor.evidence.configs.application import SessionCookie, SessionIdle, SessionStore, Setting
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.evidence.location import Location
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

_HANDLERS: dict[str, StorePlace] = {
    "files": "files", "redis": "redis", "rediscluster": "redis", "memcached": "memcached", "memcache": "memcached",
    "mm": "memory", "sqlite": "files",
}  # fmt: skip
_PORTS = {"redis": 6379, "memcached": 11211}
_KEPT = {
    "session.lazy_write", "session.auto_start", "redis.session.locking_enabled", "memcached.sess_locking",
    "session.use_strict_mode", "session.gc_probability",
}  # fmt: skip
_ENV = regex(r"(?:env|getenv|getenv_docker)\s*\(\s*['\"](\w{1,80})['\"]\s*(?:,\s*(?P<default>.{0,300}))?\)", re.DOTALL)
_SERVER = regex(r"\$_(?:ENV|SERVER)\s*\[\s*['\"](\w{1,80})['\"]\s*\](?:\s*\?\?\s*(?P<default>.{1,300}))?", re.DOTALL)
_RANDOM = regex(r"\b(?:random_bytes|openssl_random_pseudo_bytes|uniqid|mt_rand|random_int|Str::random|str_random)\s*\(")
_FILE = regex(r"\b(?:file_get_contents|fopen|file)\s*\(")


@dataclass(frozen=True, slots=True)
class Directive:
    """A setting of PHP (`session.save_path`), its value and its place."""

    name: str
    value: str
    at: Location


def facts(found: Mapping[str, Directive]) -> Iterator[Fact]:
    """What PHP's session settings say."""
    yield from _store(found)
    if (one := found.get("session.gc_maxlifetime")) and (life := seconds(one.value)):
        yield SessionIdle(at=one.at, seconds=life, setting="session.gc_maxlifetime", stack="php")
    yield from _cookie(found)
    for name in sorted(_KEPT & found.keys()):
        yield Setting(at=found[name].at, name=name, value=found[name].value, stack="php")


def _store(found: Mapping[str, Directive]) -> Iterator[Fact]:
    handler, path = found.get("session.save_handler"), found.get("session.save_path")
    written = path.value if path else ""
    place = _HANDLERS.get(handler.value.lower()) if handler else "files" if written.startswith("/") else None
    one = handler or path
    if not place or not one:
        return
    where, database, prefix = save_path(place, written)
    life = found.get("session.gc_maxlifetime")
    serializer = found.get("session.serialize_handler")
    yield SessionStore(
        at=one.at, place=place, endpoint=where, database=database, prefix=prefix, stack="php",
        serializer=serializer.value if serializer else "", ttl_s=seconds(life.value) if life else None,
    )  # fmt: skip


def save_path(place: StorePlace, path: str) -> tuple[str, str, str | None]:
    """Endpoint, database and prefix of `tcp://h:6379?database=1&prefix=a:`, `h1:11211,h2:11211`, `N;/folder`."""
    if place in {"files", "memory"}:
        return path.rpartition(";")[2], "", None
    servers = [word for word in re.split(r"[,\s]+", path) if word][:50]
    query: dict[str, list[str]] = {}
    where: list[str] = []
    for word in servers:
        query |= parse_qs(word.partition("?")[2].partition("#")[0])
        host = endpoint(word.split("?", 1)[0], _PORTS.get(place, 0))[0]
        where += [host] if host else [part.partition("=")[2] for part in word.split("&") if part.startswith("seed")]
    database = next(iter(query.get("database", [])), "")
    return ",".join(where), database, next(iter(query.get("prefix", [])), None)


def _cookie(found: Mapping[str, Directive]) -> Iterator[Fact]:
    names = [name for name in found if name.startswith("session.cookie_") or name == "session.name"]

    def known(name: str) -> str:
        return found[name].value if name in found else ""

    life = seconds(known("session.cookie_lifetime")) if "session.cookie_lifetime" in found else None
    rule = CookieRule(
        name=known("session.name"), secure=boolean(known("session.cookie_secure")),
        http_only=boolean(known("session.cookie_httponly")), same_site=known("session.cookie_samesite").lower(),
        path=known("session.cookie_path"), domain=known("session.cookie_domain"), life_s=life,
    )  # fmt: skip
    if names and rule != CookieRule():
        first = next((name for name in names if name != "session.name"), names[0])
        yield SessionCookie(at=found[first].at, cookie=rule, stack="php")


def value_of(expression: str) -> Value:
    """What a PHP expression gives."""
    expression = expression.strip()
    text = expression.lower() if expression.lower() in {"true", "false"} else literal(expression)
    if text is not None:
        return Value("literal", text)
    if found := _ENV.match(expression) or _SERVER.match(expression):
        fallback = value_of(found["default"]) if found["default"] else Value()
        return Value("environment", variable=found[1]).otherwise(fallback)
    return Value("none") if expression.lower() == "null" else _computed(expression)


def _computed(expression: str) -> Value:
    if _RANDOM.search(expression):
        return Value("random")
    if _FILE.search(expression):
        return Value("file")
    figure = number(expression)
    return Value("literal", f"{figure:g}") if figure is not None else Value()
