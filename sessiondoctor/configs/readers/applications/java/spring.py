"""Spring Boot: application.properties and application.yml (docs.spring.io, Common Application Properties).

Documents for the profiles dev, test and local are not deployed, and are not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from sessiondoctor.configs.java import properties
from sessiondoctor.configs.java.session_managers import jdbc_host
from sessiondoctor.configs.values import boolean, endpoint, seconds
from sessiondoctor.evidence.configs.application import (
    Manager,
    ProxyTrust,
    Secret,
    SessionCookie,
    SessionIdle,
    SessionStore,
    Setting,
)  # fmt: skip
from sessiondoctor.evidence.configs.balancing import Drain
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.java.properties import Document, Property
    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import SecretOrigin, SecretUse, StorePlace
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

TITLE = "Spring Boot (application.yml, application.properties)"
_SERVER = (
    "servlet|reactive|session|tomcat|jetty|undertow|forward[-_]?headers|use-forward|port|ssl|error|shutdown|address"
    "|compression|http2|max-http"
)
_SPRING = (
    "session|redis|data|datasource|application|profiles|security|config|main|jpa|cache|cloud|jmx|mvc|jackson|thymeleaf"
    "|h2|liquibase|flyway|messages|mail|devtools|autoconfigure|rabbitmq|kafka|batch|sleuth|zipkin|output|http|lifecycle"
    "|web|threads?|codec|servlet|task|freemarker|neo4j|elasticsearch"
)
_FLAT = regex(rf"^[ \t]*(?:server\.(?:{_SERVER})|spring\.(?:{_SPRING}))[\w.\[\]-]*[ \t]*[=:]", re.MULTILINE)
_NESTED = regex(
    r"^[ \t]*(?:server|spring):[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n){0,20}"
    rf"[ \t]+(?:{_SERVER}|{_SPRING})[\w.-]*[ \t]*:",
    re.MULTILINE,
)
_FLOW = regex(r"^[ \t]*(?:server|spring):[ \t]*\{[^\n]*(?:session|servlet|redis|forward)", re.MULTILINE)
_UNDEPLOYED = regex(r"(?:^|[\s,|&(])(?:dev|development|test|testing|local|it|ci|h2)(?:$|[\s,|&)])")
_STORES: dict[str, StorePlace] = {
    "redis": "redis", "jdbc": "sql", "hazelcast": "cluster", "mongodb": "other", "none": "memory", "mongo": "other",
}  # fmt: skip
_TOKENS = regex(
    r"(?:^|\.)jwt\.(?:\w+\.)?(?:base64)?(?:secret|secretkey|signingkey|tokensecret|key)$|(?:^|\.)jwtsecret(?:key)?$"
)
_REMEMBER = regex(r"(?:^|\.)remember-?me\.key$")


def score(name: str, head: str) -> int:
    """Properties of the server or the session, flat or nested."""
    flat = len(_FLAT.findall(head[:30_000]))
    if not flat and not _NESTED.search(head[:30_000]) and not _FLOW.search(head):
        return 0
    named = 5 if re.fullmatch(r"(?:application|bootstrap)\S*\.(?:ya?ml|properties)\S*", name) else 0
    return 82 + named


def read(text: Text) -> Iterator[Fact]:
    """The facts of every document that can be deployed."""
    for document in properties.documents(text.text):
        if not _UNDEPLOYED.search(document.profiles):
            yield from _Reader(document, text).facts()


class _Reader:
    """One document."""

    def __init__(self, document: Document, text: Text) -> None:
        self._all = document
        self._text = text

    def facts(self) -> Iterator[Fact]:
        yield from self._cookie()
        yield from self._idle()
        yield from self._store()
        yield from self._redis()
        yield from self._session_settings()
        yield from self._trust()
        yield from self._secrets()
        yield from self._drain()

    def _at(self, one: Property) -> Location:
        return self._text.at(one.line, one.column)

    def _cookie(self) -> Iterator[Fact]:
        for prefix in ("server.servlet.session.cookie.", "server.reactive.session.cookie.", "server.session.cookie."):
            found = list(self._all.under(prefix))
            if not found:
                continue
            rule = CookieRule(
                name=self._all.known(f"{prefix}name"),
                secure=boolean(self._all.known(f"{prefix}secure")),
                http_only=boolean(self._all.known(f"{prefix}httponly")),
                same_site=self._all.known(f"{prefix}samesite").lower().replace("omitted", ""),
                path=self._all.known(f"{prefix}path"),
                domain=self._all.known(f"{prefix}domain"),
                life_s=seconds(self._all.known(f"{prefix}maxage")),
            )
            if rule != CookieRule():
                yield SessionCookie(at=self._at(found[0]), cookie=rule, stack="spring")

    def _idle(self) -> Iterator[Fact]:
        names = ("server.servlet.session.timeout", "server.reactive.session.timeout", "server.session.timeout",
                 "spring.session.timeout")  # fmt: skip
        for name in names:
            if (one := self._all.get(name)) and (life := seconds(one.known)) and life > 0:
                yield SessionIdle(at=self._at(one), seconds=life, setting=one.name, stack="spring")

    def _store(self) -> Iterator[Fact]:
        said = self._all.get("spring.session.storetype")
        detail = next(iter([*self._all.under("spring.session.redis."), *self._all.under("spring.session.jdbc."),
                            *self._all.under("spring.session.hazelcast.")]), None)  # fmt: skip
        kind = said.known.lower() if said else detail.name.split(".")[2] if detail else ""
        place = said or detail
        if not place or kind not in _STORES:
            return
        where, database = self._redis_place() if kind == "redis" else ("", "")
        if kind == "jdbc":
            where = jdbc_host(self._all.known("spring.datasource.url"))
        prefix = self._all.get("spring.session.redis.namespace", "spring.session.hazelcast.mapname")
        yield SessionStore(at=self._at(prefix or place), place=_STORES[kind], endpoint=where, database=database,
                           prefix=prefix.known if prefix and prefix.known else None, stack="spring")  # fmt: skip

    def _keeps_sessions_in_redis(self) -> bool:
        said = self._all.known("spring.session.storetype").lower()
        return said == "redis" or (not said and any(self._all.under("spring.session.redis.")))

    def _redis(self) -> Iterator[Fact]:
        """Where Redis is; whether sessions are kept there is another setting."""
        where, database = self._redis_place()
        one = self._all.get("spring.data.redis.url", "spring.redis.url", "spring.data.redis.host", "spring.redis.host",
                            "spring.data.redis.cluster.nodes", "spring.redis.cluster.nodes",
                            "spring.data.redis.sentinel.nodes", "spring.redis.sentinel.nodes")  # fmt: skip
        if where and one and not self._keeps_sessions_in_redis():
            yield SessionStore(at=self._at(one), place="redis", endpoint=where, database=database, role="unknown",
                               stack="spring")  # fmt: skip

    def _redis_place(self) -> tuple[str, str]:
        for prefix in ("spring.data.redis.", "spring.redis."):
            if url := self._all.known(f"{prefix}url"):
                return endpoint(url, 6379)
            database = self._all.known(f"{prefix}database")
            if nodes := self._all.known(f"{prefix}cluster.nodes", f"{prefix}sentinel.nodes"):
                return nodes.replace(" ", ""), database
            if host := self._all.known(f"{prefix}host"):
                return f"{host}:{self._all.known(f'{prefix}port') or '6379'}", database
        return "", ""

    def _session_settings(self) -> Iterator[Fact]:
        for one in self._all.under("spring.session."):
            name = one.name.rpartition(".")[2]
            kept = properties.canonical(name) in {"flushmode", "savemode", "configureaction", "repositorytype"}
            if kept and one.known:
                yield Setting(at=self._at(one), name=name.replace("_", "-"), value=one.known, scope="spring-session",
                              stack="spring")  # fmt: skip
        grid = self._all.get("spring.hazelcast.config")
        if grid and grid.known:
            yield Manager(at=self._at(grid), product="hazelcast", settings=(("config", grid.known),), stack="spring")

    def _trust(self) -> Iterator[Fact]:
        strategy = self._all.get("server.forwardheadersstrategy")
        if strategy and strategy.known:
            trusts = strategy.known.lower() in {"native", "framework"}
            yield ProxyTrust(at=self._at(strategy), trusts=trusts, setting=strategy.name, stack="spring")
        flag = self._all.get("server.useforwardheaders")
        if flag and boolean(flag.known) is not None:
            yield ProxyTrust(at=self._at(flag), trusts=bool(boolean(flag.known)), setting=flag.name, stack="spring")
        valve = self._all.get("server.tomcat.remoteip.protocolheader", "server.tomcat.protocolheader",
                              "server.tomcat.remoteip.remoteipheader", "server.tomcat.remoteipheader")  # fmt: skip
        if valve and not strategy:
            yield ProxyTrust(at=self._at(valve), trusts=True, setting=valve.name, stack="spring")

    def _secrets(self) -> Iterator[Fact]:
        for name, one in self._all.properties.items():
            use: SecretUse | None = "token" if _TOKENS.search(name) else "session" if _REMEMBER.search(name) else None
            if use:
                yield self._secret(one, use)

    def _secret(self, one: Property, use: SecretUse) -> Secret:
        if "${random." in one.value:
            return Secret(at=self._at(one), use=use, origin="made-at-start", variable=one.name, stack="spring")
        origin: SecretOrigin = "literal" if one.known else "environment" if one.value.strip() else "absent"
        value = one.known or one.default
        fallback: SecretOrigin | Literal[""] = "literal" if one.default else ""
        return Secret(at=self._at(one), use=use, origin=origin, variable=one.name, fallback=fallback, stack="spring",
                      print=self._text.fingerprint(value) if value else "")  # fmt: skip

    def _drain(self) -> Iterator[Fact]:
        """`server.shutdown=graceful`, and how long it waits."""
        one = self._all.get("server.shutdown")
        if one and one.known.lower() in {"graceful", "immediate"}:
            wait = seconds(self._all.known("spring.lifecycle.timeoutpershutdownphase")) or 30.0
            yield Drain(at=self._at(one), seconds=wait if one.known.lower() == "graceful" else 0.0, setting=one.name)
