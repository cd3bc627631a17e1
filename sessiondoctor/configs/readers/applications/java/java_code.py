"""Java and Kotlin set-up code of Spring Session and its neighbours, by patterns on the text: it is not parsed.

Sources: docs.spring.io, Spring Session (annotations, DefaultCookieSerializer, SaveMode, FlushMode).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.comments import blanked
from sessiondoctor.configs.lines import line_at
from sessiondoctor.configs.values import boolean, whole
from sessiondoctor.evidence.configs.application import (
    ProxyTrust,
    Route,
    Secret,
    SessionCookie,
    SessionIdle,
    SessionStore,
    Setting,
)  # fmt: skip
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Java and Kotlin set-up code (patterns: Spring Session, cookies, proxies)"
_PLACES: dict[str, StorePlace] = {
    "Redis": "redis", "RedisIndexed": "redis", "Jdbc": "sql", "Hazelcast": "cluster", "Mongo": "other",
    "GemFire": "cluster", "Infinispan": "cluster", "Spring": "memory",
}  # fmt: skip
_ENABLE = regex(
    r"@Enable(Redis|RedisIndexed|Jdbc|Hazelcast|Mongo|GemFire|Infinispan|Spring)(?:Embedded|Remote)?(?:Http|Web)?Session\b"
    r"[ \t]*(?:\(([^;{}]{0,1000}?)\)[ \t]*(?=[\r\n@/]|$|public|class|open|internal))?"
)
_OWN = regex(
    r"@Enable\w{0,20}(?:Http|Web|Spring|Infinispan\w*)Session\b|\bDefaultCookieSerializer\b|\bCookieHttpSessionIdResolver\b"
    r"|\bsetSaveMode\s*\(|\bsetFlushMode\s*\(|\bsetRedisNamespace\s*\(|\bHeaderHttpSessionIdResolver\b|\bForwardedHeaderFilter\b"
    r"|\bServletContextInitializer\b|\bHazelcastIndexedSessionRepository\b|\bsetDefaultMaxInactiveInterval\s*\("
    r"|\bsetSessionTimeout\s*\(|\bspringSessionDefaultRedisSerializer\b|\bsetMaxInactiveInterval\s*\("
)
_CALL = r"\.\s*{name}\s*\(\s*([^()\n]{{0,200}})\)|\b{property}\s*=\s*([^=\n;][^\n;]{{0,200}})"


def score(name: str, head: str) -> int:
    """Names that only this set-up has, in what looks like code."""
    found = set(_OWN.findall(head))
    named = 5 if name.endswith((".java", ".kt", ".groovy", ".scala")) else 0
    return 70 + named if found else 0


def read(text: Text) -> Iterator[Fact]:
    """What set-up code says."""
    code = blanked(text.text)
    yield from _annotations(code, text)
    yield from _cookie(code, text)
    yield from _modes(code, text)
    yield from _life(code, text)
    yield from _others(code, text)


def _line(code: str, found: re.Match[str]) -> tuple[int, int]:
    start = found.start() + len(found[0]) - len(found[0].lstrip())
    before = code.rfind("\n", 0, start)
    return line_at(code, start), start - before


def _annotations(code: str, text: Text) -> Iterator[Fact]:
    for found in _ENABLE.finditer(code):
        at = text.at(*_line(code, found))
        arguments = found[2] or ""
        prefix = re.search(
            r"(?:redisNamespace|sessionMapName|tableName|collectionName)\s*=\s*\"([^\"\n]{1,200})\"", arguments
        )
        life = re.search(r"maxInactiveIntervalInSeconds\s*=\s*([0-9 *_]{1,40})", arguments)
        yield SessionStore(at=at, place=_PLACES[found[1]], prefix=prefix[1] if prefix else None, stack="spring")
        if life and (seconds := _product(life[1])):
            yield SessionIdle(at=at, seconds=seconds, setting="maxInactiveIntervalInSeconds", stack="spring")
        for name, word in re.findall(
            r"\b(saveMode|flushMode|redisFlushMode)\s*=\s*(?:\w+\.){0,2}(\w{1,40})", arguments
        ):
            yield Setting(at=at, name=_dashed(name), value=word, scope="spring-session", stack="spring")
    if of_map := re.search(r"\bnew\s+MapSessionRepository\s*\(", code):
        yield SessionStore(at=text.at(*_line(code, of_map)), place="memory", stack="spring")


def _product(words: str) -> float | None:
    """`60 * 30` as seconds."""
    numbers = [whole(word.replace("_", "")) for word in words.split("*")]
    if not numbers or any(number is None or number <= 0 for number in numbers):
        return None
    total = 1.0
    for number in numbers:
        total *= number or 1
    return total


def _dashed(name: str) -> str:
    return "flush-mode" if name.lower().endswith("flushmode") else "save-mode"


def _value(code: str, setter: str, property_: str) -> tuple[str, re.Match[str]] | None:
    found = re.search(_CALL.format(name=setter, property=property_), code)
    return ((found[1] or found[2] or "").strip(), found) if found else None


def _cookie(code: str, text: Text) -> Iterator[Fact]:
    """`DefaultCookieSerializer`: a cookie of Spring Session's."""
    made = re.search(r"\bDefaultCookieSerializer\s*\(", code)
    if not made:
        return
    told = {name: _value(code, setter, property_) for name, setter, property_ in (
        ("name", "setCookieName", "cookieName"), ("path", "setCookiePath", "cookiePath"),
        ("domain", "setDomainName", "domainName"), ("secure", "setUseSecureCookie", "useSecureCookie"),
        ("same_site", "setSameSite", "sameSite"), ("http_only", "setUseHttpOnlyCookie", "useHttpOnlyCookie"),
        ("life", "setCookieMaxAge", "cookieMaxAge"), ("base64", "setUseBase64Encoding", "useBase64Encoding"),
    )}  # fmt: skip
    values = {name: _literal(found[0]) if found else "" for name, found in told.items()}
    rule = CookieRule(
        name=values["name"] or "SESSION",
        secure=boolean(values["secure"]),
        http_only=boolean(values["http_only"]),
        same_site=values["same_site"].lower(),
        path=values["path"],
        domain=values["domain"],
        life_s=_product(values["life"]) if values["life"] else None,
    )
    first = next((found[1] for found in told.values() if found), made)
    yield SessionCookie(at=text.at(*_line(code, first)), cookie=rule, stack="spring")
    if (base64 := told["base64"]) and values["base64"]:
        yield Setting(at=text.at(*_line(code, base64[1])), name="useBase64Encoding", value=values["base64"],
                      scope="spring-session", stack="spring")  # fmt: skip
    route = _value(code, "setJvmRoute", "jvmRoute")
    if route:
        name = _literal(route[0])
        yield Setting(
            at=text.at(*_line(code, route[1])), name="jvmRoute", value=name, scope="spring-session", stack="spring"
        )
        if name:
            yield Route(at=text.at(*_line(code, route[1])), route=name, stack="spring")


def _literal(word: str) -> str:
    """A text, a number or a boolean; empty for an expression."""
    word = word.strip()
    if found := re.fullmatch(r"\"([^\"$]{0,200})\"", word):
        return found[1]
    return word if re.fullmatch(r"[0-9 *_]{1,40}|true|false", word) else ""


_MODES = regex(
    r"\.\s*(setSaveMode|set(?:Redis)?FlushMode)\s*\(\s*(?:\w+\.){0,2}(\w{1,40})\s*\)"
    r"|\.\s*(saveMode|flushMode)\s*=\s*(?:\w+\.){0,2}(\w{1,40})"
)
_SERIALIZER = regex(
    r"springSessionDefaultRedisSerializer\b.{0,600}?\b(?:new\s+)?(\w{1,80}Serializer)\s*[(<]", re.DOTALL
)
_NAMESPACE = regex(r"\.\s*setRedisNamespace\s*\(\s*\"([^\"\n]{1,200})\"")
_UNITS = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86400, None: 1}
_LIFE = regex(
    r"\.\s*(setDefaultMaxInactiveInterval|setMaxInactiveIntervalInSeconds|setMaxInactiveInterval)\s*\(\s*"
    r"(?:Duration\.of(Seconds|Minutes|Hours|Days)\s*\(\s*)?([0-9 *_]{1,40})\)"
)


def _modes(code: str, text: Text) -> Iterator[Fact]:
    for found in _MODES.finditer(code):
        yield Setting(at=text.at(*_line(code, found)), name=_dashed((found[1] or found[3]).lower()),
                      value=found[2] or found[4], scope="spring-session", stack="spring")  # fmt: skip
    if named := _NAMESPACE.search(code):
        yield SessionStore(at=text.at(*_line(code, named)), place="redis", prefix=named[1], stack="spring")
    if serializer := _SERIALIZER.search(code):
        at = text.at(*_line(code, serializer))
        yield SessionStore(at=at, place="redis", serializer=serializer[1], stack="spring")
    if action := re.search(r"\bConfigureRedisAction\.NO_OP\b", code):
        yield Setting(at=text.at(*_line(code, action)), name="configure-action", value="none", scope="spring-session",
                      stack="spring")  # fmt: skip


def _life(code: str, text: Text) -> Iterator[Fact]:
    for found in _LIFE.finditer(code):
        if number := _product(found[3]):
            at = text.at(*_line(code, found))
            yield SessionIdle(at=at, seconds=number * _UNITS[found[2]], setting=found[1])


def _others(code: str, text: Text) -> Iterator[Fact]:
    if found := re.search(
        r"\bnew\s+(ForwardedHeaderFilter|RemoteIpValve)\s*\(|\b(ForwardedHeaderFilter|RemoteIpValve)\s*\(\)", code
    ):
        yield ProxyTrust(at=text.at(*_line(code, found)), trusts=True, setting=found[1] or found[2], stack="spring")
    made = re.search(r"\b(?:Keys\.secretKeyFor|Jwts\.SIG\.\w{1,10}\.key\(\)|MacProvider\.generateKey)\b", code)
    if made:
        yield Secret(at=text.at(*_line(code, made)), use="token", origin="made-at-start", variable=made[0])
