"""Rails: session_store, secrets, trust of proxies, Puma's workers, config/secrets.yml; by patterns on the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code.brackets import literal
from sessiondoctor.configs.code.expressions import Value, secret
from sessiondoctor.configs.lines import line_at
from sessiondoctor.configs.values import boolean, endpoint, whole
from sessiondoctor.evidence.configs.application import ProxyTrust, SessionCookie, SessionIdle, SessionStore, Setting
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

TITLE = "Rails session_store, environments, secrets.yml, puma.rb (patterns on the text)"
_ONLY = regex(
    r"\bsession_store[ \t(=]+:|\bconfig\.(?:force_ssl|assume_ssl|secret_key_base|hosts\b|cache_store"
    r"|action_controller\.forgery_protection_origin_check|action_dispatch\.(?:trusted_proxies|cookies_same_site_protection|cookies_serializer))"
    r"|\bsecret_key_base[ \t]*[:=]|\brack\.session\b|Rack::Session::|:expire_after"
)
_WORDS = (
    "session_store",
    "config.",
    "secret_key_base",
    "rack.session",
    "Rack::",
    "expire_after",
    "workers",
    "threads",
    "preload",
)
_PUMA = regex(r"^[ \t]*(?:workers[ \t(]+(?:ENV|Integer|\d)|threads[ \t(]+\w+[ \t]*,|preload_app!)", re.MULTILINE)
_STORE = regex(r"\bsession_store[ \t(=]+:(?P<kind>\w{1,40})(?P<rest>[^\n]*(?:(?<=,)[ \t]*\n[^\n]{1,300}){0,30})")
_CACHE = regex(r"\bcache_store[ \t]*=[ \t]*\[?[ \t]*:(?P<kind>\w{1,40})(?P<rest>[^\n]{0,300})")
_BASE = regex(r"\bsecret_key_base[\"']?[ \t]*(?:=|:|=>)[ \t]*(?P<value>[^\n]{1,300})")
_SINATRA = regex(r"\bset[ \t(]+:session_secret[ \t]*,[ \t]*(?P<value>[^\n]{1,300})")
_FLAGS = regex(r"\bconfig\.(?P<name>force_ssl|assume_ssl)[ \t]*=[ \t]*(?P<value>true|false)")
_WORKERS = regex(r"^[ \t]*workers[ \t(]+(?P<value>[^\n]{1,200})", re.MULTILINE)
_PAIR = regex(
    r"(?::?(?P<key>[a-z_]{2,30})[\"']?[ \t]*(?::|=>)[ \t]*)"
    r"(?P<value>\"[^\"\n]*\"|'[^'\n]*'|:\w+|ENV[^,\n]{1,100}|[^,\n}]{1,100})"
)
_SERVERS = regex(r"[\"'](?P<url>(?:redis|rediss|memcached)://[^\"'\n]{1,200})[\"']")
_ENV = regex(
    r"ENV(?:\.fetch\([ \t]*|\[)[\"'](\w{1,80})[\"']\]?(?:[ \t]*(?:,|\)[ \t]*\{)[ \t]*"
    r"(?P<default>[^)}\n]{1,150}))?(?P<more>[^\n]{0,160})"
)
_RANDOM = regex(r"SecureRandom|Random\.|SessionSecret\.generate|openssl rand|rake secret")
_KINDS: dict[str, StorePlace] = {
    "cookie_store": "cookie", "active_record_store": "sql", "mem_cache_store": "memcached", "dalli_store": "memcached",
    "redis_store": "redis", "redis_session_store": "redis", "memory_store": "memory", "file_store": "files",
    "redis_cache_store": "redis", "mongoid_store": "other", "null_store": "memory", "solid_cache_store": "sql",
}  # fmt: skip
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2_629_746, "year": 31_556_952}


def score(name: str, head: str) -> int:
    """Settings that only Rails and Rack have."""
    if not any(word in head for word in _WORDS):
        return 0
    if re.search(r"^(?:apiVersion|services)[ \t]*:|\$\w+ *=|^\s*const ", head, re.MULTILINE):
        return 0
    found = len(_ONLY.findall(head))
    ruby = name.endswith(".rb") or name in {"config.ru", "secrets.yml"}
    if found:
        return min(88, 64 + 7 * found) + (4 if ruby else 0)
    return 74 if _PUMA.search(head) and (ruby or "puma" in head or "ENV" in head) else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of one file."""
    plain = re.sub(r"(?m)^[ \t]*#[^\n]*", "", text.text[:400_000])
    cache = _CACHE.search(plain)
    for found in _STORE.finditer(plain):
        yield from _session(found, cache, plain, text)
    yield from _secrets(plain, text)
    for found in _FLAGS.finditer(plain):
        at, told = text.at(_line(plain, found.start())), found["value"] == "true"
        if found["name"] == "assume_ssl":
            yield ProxyTrust(at=at, trusts=told, setting="config.assume_ssl", stack="rails")
        else:
            yield Setting(at=at, name="config.force_ssl", value=found["value"], stack="rails")
    for found in _WORKERS.finditer(plain):
        if _PUMA.search(plain):
            yield Workload(at=text.at(_line(plain, found.start())), kind="puma", workers=_number(found["value"]))


def _line(plain: str, offset: int) -> int:
    return line_at(plain, offset) + (plain[offset : offset + 1] == "\n")


def _session(found: re.Match[str], cache: re.Match[str] | None, plain: str, text: Text) -> Iterator[Fact]:
    at = text.at(_line(plain, found.start()))
    pairs = {pair["key"]: pair["value"].strip().rstrip(",") for pair in _PAIR.finditer(found["rest"])}
    kind, rest = found["kind"], found["rest"]
    if kind == "cache_store" and cache:
        kind, rest = cache["kind"], cache["rest"]
    life = _seconds(pairs.get("expire_after") or pairs.get("expires_in") or "")
    place = _KINDS.get(kind)
    if place:
        url = _SERVERS.search(rest)
        where, path = endpoint(url["url"], 6379 if place == "redis" else 11211) if url else ("", "")
        database, _, space = path.partition("/")
        prefix = literal(pairs.get("key_prefix") or pairs.get("namespace") or "") or space or None
        yield SessionStore(at=at, place=place, endpoint=where, database=database, prefix=prefix, ttl_s=life,
                           serializer=pairs.get("serializer", "").strip(":\"'"), stack="rails")  # fmt: skip
    if life:
        yield SessionIdle(at=at, seconds=life, setting="expire_after", stack="rails")
    yield from _cookie(pairs, life, at)


def _cookie(pairs: dict[str, str], life: float | None, at: Location) -> Iterator[Fact]:
    domain = pairs.get("domain", "")
    secure = pairs.get("secure", "")
    rule = CookieRule(
        name=literal(pairs.get("key", "")) or "", secure=True if "production?" in secure else boolean(secure),
        http_only=boolean(pairs.get("httponly", "")), same_site=pairs.get("same_site", "").strip(":\"'").lower(),
        path=literal(pairs.get("path", "")) or "", domain=literal(domain) or "", life_s=life,
    )  # fmt: skip
    if rule != CookieRule():
        yield SessionCookie(at=at, cookie=rule, stack="rails")


def _seconds(word: str) -> float | None:
    """`14.days`, `30.minutes`, a bare number of seconds."""
    found = re.match(r"(\d{1,9})(?:\.(second|minute|hour|day|week|month|year)s?)?", word.strip())
    return float(found[1]) * _UNITS.get(found[2] or "second", 1) if found else None


def _secrets(plain: str, text: Text) -> Iterator[Fact]:
    for pattern in (_BASE, _SINATRA):
        for found in pattern.finditer(plain):
            at = text.at(_line(plain, found.start()))
            if not _of_development(plain, found.start()):
                told = secret(_value(found["value"]), "session", "secret_key_base", "rails", text, at)
                yield from [told] if told else []


def _of_development(plain: str, offset: int) -> bool:
    """In secrets.yml, under `development:` or `test:`."""
    sections = re.findall(r"^(\w+):[ \t]*$", plain[:offset], re.MULTILINE)
    return bool(sections) and sections[-1] in {"development", "test"}


def _value(expression: str) -> Value:
    expression = expression.strip()
    if found := _ENV.search(expression):
        value = Value("environment", variable=found[1])
        default = (found["default"] or "") + (found["more"] if "||" in found["more"] else "")
        if _RANDOM.search(default):
            return value.otherwise(Value("random"))
        text = literal(default.replace("||", "").strip().strip("{}% >"))
        return value.otherwise(Value("literal", text)) if text else value
    if _RANDOM.search(expression):
        return Value("random")
    if "credentials" in expression or "File.read" in expression:
        return Value("file")
    text = literal(expression.rstrip(", "))
    bare = text if text is not None else expression if re.fullmatch(r"[0-9a-f]{30,}", expression) else None
    return Value("literal", bare) if bare is not None else Value()


def _number(expression: str) -> int | None:
    """A number, or the default of an environment variable."""
    plain = whole(expression.strip(" ()"))
    if plain is not None:
        return plain
    found = re.search(r"[\"'][ \t]*[,)\]]*[ \t]*(?:\|\||\{)?[ \t]*[\"']?(\d{1,3})", expression)
    return whole(found[1]) if found else None
