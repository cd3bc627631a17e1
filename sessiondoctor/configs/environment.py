"""Environment variables to facts: what .env files, compose files, manifests and units say in one way.

Only variables whose meaning is well known are read. A value may be a literal, a reference (`${NAME}`), or come from
elsewhere (a Secret, a file): then its origin is said, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.configs.java import options
from sessiondoctor.configs.values import boolean, endpoint, seconds, whole
from sessiondoctor.evidence.configs.application import Secret, SecretOrigin, SessionCookie, SessionIdle, SessionStore
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.evidence.location import Location
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import SecretUse, StorePlace, StoreRole
    from sessiondoctor.evidence.configs.fact import Fact

_REFERENCE = regex(r"\$\{?[A-Za-z_][A-Za-z0-9_]*|\$\(|TEMPLATED|^<.*>$")

# Variable -> what the secret protects, and the stack if the name tells.
SECRETS: dict[str, tuple[SecretUse, str]] = {
    "SESSION_SECRET": ("session", ""),
    "SESSION_KEY": ("session", ""),
    "COOKIE_SECRET": ("session", ""),
    "EXPRESS_SESSION_SECRET": ("session", "express"),
    "NEXTAUTH_SECRET": ("session", ""),
    "AUTH_SECRET": ("session", ""),
    "SECRET_KEY_BASE": ("session", "rails"),
    "APP_KEY": ("session", "laravel"),
    "DJANGO_SECRET_KEY": ("session", "django"),
    "FLASK_SECRET_KEY": ("session", "flask"),
    "SUPERSET_SECRET_KEY": ("session", "flask"),
    "AIRFLOW__WEBSERVER__SECRET_KEY": ("session", "flask"),
    "WEBUI_SECRET_KEY": ("token", ""),
    "SECRET_KEY": ("session", ""),
    "JWT_SECRET": ("token", ""),
    "JWT_SECRET_KEY": ("token", ""),
    "OAUTH2_PROXY_COOKIE_SECRET": ("session", ""),
    "CSRF_KEY": ("csrf", ""),
    "CSRF_SECRET": ("csrf", ""),
    "CSRF_SECRET_KEY": ("csrf", ""),
    "XSRF_KEY": ("csrf", ""),
    "PMA_BLOWFISH_SECRET": ("cookie-encryption", "php"),
}
_DRIVERS: dict[str, StorePlace] = {
    "file": "files", "array": "memory", "cookie": "cookie", "database": "sql", "redis": "redis",
    "memcached": "memcached", "dynamodb": "other", "apc": "memory",
}  # fmt: skip
_SPRING: dict[str, StorePlace] = {"redis": "redis", "jdbc": "sql", "hazelcast": "cluster", "none": "memory"}
_STORES = {
    "REDIS_URL": 6379, "REDIS_URI": 6379, "REDIS_TLS_URL": 6379, "SESSION_REDIS_URL": 6379, "MEMCACHED_URL": 11211,
    "SPRING_REDIS_URL": 6379, "SPRING_DATA_REDIS_URL": 6379, "WEBSOCKET_REDIS_URL": 6379,
}  # fmt: skip
_HOSTS = {
    "REDIS_HOST": ("REDIS_PORT", "REDIS_DB"),
    "SPRING_REDIS_HOST": ("SPRING_REDIS_PORT", "SPRING_REDIS_DATABASE"),
    "SPRING_DATA_REDIS_HOST": ("SPRING_DATA_REDIS_PORT", "SPRING_DATA_REDIS_DATABASE"),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. `origin` is environment or file where the value comes from elsewhere; then `value` is empty."""

    name: str
    value: str
    at: Location
    origin: SecretOrigin = "literal"

    @property
    def known(self) -> str:
        """The value, empty if it is filled in elsewhere."""
        return "" if self.origin != "literal" or _REFERENCE.search(self.value) else self.value.strip()


def facts(variables: Iterable[Variable], text: Text) -> Iterator[Fact]:
    """What a set of variables that belong together says."""
    known = {variable.name.upper(): variable for variable in variables}
    yield from _secrets(known, text)
    yield from _stores(known)
    yield from _laravel(known)
    yield from _spring(known)
    yield from options.facts(known)


def _secrets(known: dict[str, Variable], text: Text) -> Iterator[Fact]:
    for name, (use, stack) in SECRETS.items():
        if not (variable := known.get(name)):
            continue
        if variable.origin != "literal":
            origin: SecretOrigin = variable.origin
        elif not variable.value.strip():
            origin = "absent"
        else:
            origin = "literal" if variable.known else "environment"
        print_ = text.fingerprint(variable.known) if origin == "literal" else ""
        yield Secret(at=variable.at, use=use, origin=origin, variable=name, print=print_, stack=stack)


def _stores(known: dict[str, Variable]) -> Iterator[Fact]:
    for name, port in _STORES.items():
        if (variable := known.get(name)) and variable.known:
            where, database = endpoint(variable.known, port)
            if where:
                place: StorePlace = "memcached" if name.startswith("MEMCACHED") else "redis"
                role: StoreRole = "session" if name.startswith("SESSION") else "unknown"
                yield SessionStore(at=variable.at, place=place, endpoint=where, database=database, role=role)
    for name, (port_name, database_name) in _HOSTS.items():
        if (variable := known.get(name)) and variable.known:
            number = _known(known, port_name) or "6379"
            yield SessionStore(
                at=variable.at,
                place="redis",
                endpoint=f"{variable.known}:{number}",
                database=_known(known, database_name),
                role="unknown",
            )


def _known(known: dict[str, Variable], name: str) -> str:
    return known[name].known if name in known else ""


def _laravel(known: dict[str, Variable]) -> Iterator[Fact]:
    """`SESSION_*` of Laravel; its lifetime is in minutes."""
    driver = known.get("SESSION_DRIVER")
    if driver and driver.known.lower() in _DRIVERS:
        database = _known(known, "REDIS_DB") if driver.known.lower() == "redis" else ""
        yield SessionStore(at=driver.at, place=_DRIVERS[driver.known.lower()], database=database, stack="laravel")
    cache = known.get("CACHE_DRIVER") or known.get("CACHE_STORE")
    if cache and cache.known.lower() in {"redis", "memcached"}:
        place: StorePlace = "redis" if cache.known.lower() == "redis" else "memcached"
        database = _known(known, "REDIS_CACHE_DB") or _known(known, "REDIS_DB")
        yield SessionStore(at=cache.at, place=place, database=database, role="cache", stack="laravel")
    lifetime = known.get("SESSION_LIFETIME")
    if lifetime and (minutes := whole(lifetime.known)):
        yield SessionIdle(at=lifetime.at, seconds=minutes * 60.0, setting="SESSION_LIFETIME", stack="laravel")
    yield from _laravel_cookie(known)


def _laravel_cookie(known: dict[str, Variable]) -> Iterator[Fact]:
    names = ("SESSION_SECURE_COOKIE", "SESSION_DOMAIN", "SESSION_SAME_SITE", "SESSION_COOKIE")
    found = [known[name] for name in names if name in known and known[name].known]
    if found and "SESSION_DRIVER" in known:
        rule = CookieRule(
            name=_known(known, "SESSION_COOKIE"),
            secure=boolean(_known(known, "SESSION_SECURE_COOKIE")),
            same_site=_known(known, "SESSION_SAME_SITE").lower(),
            domain=_known(known, "SESSION_DOMAIN").removeprefix("null"),
        )
        yield SessionCookie(at=found[0].at, cookie=rule, stack="laravel")


def _spring(known: dict[str, Variable]) -> Iterator[Fact]:
    store = known.get("SPRING_SESSION_STORE_TYPE") or known.get("SPRING_SESSION_STORETYPE")
    if store and store.known.lower() in _SPRING:
        yield SessionStore(at=store.at, place=_SPRING[store.known.lower()], stack="spring")
    for name in ("SPRING_SESSION_TIMEOUT", "SERVER_SERVLET_SESSION_TIMEOUT"):
        if (variable := known.get(name)) and (life := seconds(variable.known)):
            yield SessionIdle(at=variable.at, seconds=life, setting=name, stack="spring")


def of_lines(text: Text) -> list[Variable]:
    """The variables of `NAME=value` lines; quotes and `export` are taken away."""
    found: list[Variable] = []
    for number, line in enumerate(text.text.split("\n"), 1):
        match = re.match(r"\s*(?:export\s+|set\s+)?([A-Za-z_][A-Za-z0-9_.]{0,100})\s*=\s?(.{0,4000})", line)
        if match:
            found.append(Variable(match[1], _unquoted(match[2]), text.at(number, match.start(1) + 1)))
    return found


def _unquoted(value: str) -> str:
    value = value.strip()
    if value[:1] in {'"', "'"} and (end := value.find(value[0], 1)) > 0:
        return value[1:end]
    return re.split(r"\s+#", value, maxsplit=1)[0].strip()


def from_elsewhere(variable: Variable, origin: SecretOrigin) -> Variable:
    """A variable whose value is filled in from a Secret, a ConfigMap or a file."""
    return replace(variable, value="", origin=origin)
