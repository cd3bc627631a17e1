"""HAProxy: frontends, backends, persistence by cookie, table and hash (Configuration Manual, 4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from sessiondoctor.configs.values import seconds, whole
from sessiondoctor.evidence.configs.balancing import (
    Affinity,
    Header,
    Pool,
    PoolServer,
    Proxy,
    RealIp,
    Rule,
    StickTable,
)  # fmt: skip
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.balancing import AffinityBy, AffinityHow
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "HAProxy configuration"
_SECTION = regex(r"^\s*(global|defaults|frontend|backend|listen|peers|resolvers|userlist|cache|program|ring|mailers)\b")
_LINE = regex(
    r"^\s*(?:(?:frontend|backend|listen)\s+[\w.:-]+\s*$|defaults\s*$|stick-table\s+type\s|stick\s+(?:on|match|store-re)"
    r"|cookie\s+[\w.-]+\s+(?:insert|prefix|rewrite|indirect|nocache)|balance\s+(?:roundrobin|source|leastconn|uri|hdr)"
    r"|option\s+(?:httpchk|redispatch|forwardfor|httplog)|default_backend\s|use_backend\s"
    r"|server\s+\S+\s+\S+:\d+.*\b(?:check|cookie)\b|server-template\s)",
    re.MULTILINE,
)
_MOST_SERVERS = 2000


def score(name: str, head: str) -> int:
    """Sections and directives that nothing else has."""
    found = len(_LINE.findall(head[:30_000]))
    if not found or "apiVersion:" in head:
        return 0
    return min(90, 66 + 4 * found) + (3 if "haproxy" in name else 0)


@dataclass(slots=True)
class _Section:
    kind: str
    name: str
    line: int
    lines: list[tuple[list[str], int]] = field(default_factory=list)
    base: list[tuple[list[str], int]] = field(default_factory=list)

    def all(self, *words: str) -> Iterator[tuple[list[str], int]]:
        """Its lines that begin with these words, those of its defaults first."""
        return (found for found in (*self.base, *self.lines) if tuple(found[0][: len(words)]) == words)

    def last(self, *words: str) -> tuple[list[str], int] | None:
        """The one that holds."""
        return next(iter(reversed(list(self.all(*words)))), None)


def read(text: Text) -> Iterator[Fact]:
    """The facts of every section; lines without a section are those of one."""
    sections = list(_sections(text.text))
    backends = {one.name: one for one in sections if one.kind in {"backend", "listen", ""}}
    for one in backends.values():
        yield from _backend(one, text)
    for one in sections:
        if one.kind in {"frontend", "listen"}:
            yield from _frontend(one, backends, text)


def _sections(text: str) -> Iterator[_Section]:
    current = _Section("", "", 1)
    defaults: list[tuple[list[str], int]] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = _words(line)
        if not words:
            continue
        if _SECTION.match(line) and (words[0] != "cache" or len(words) > 1):
            if current.lines:
                yield current
            current = _Section(words[0], words[1] if len(words) > 1 else "", number)
            if words[0] == "defaults":
                defaults = current.lines
            elif words[0] in {"frontend", "backend", "listen"}:
                current.base = defaults
        else:
            current.lines.append((words[1:] if words[0] == "no" else words, number))
    if current.lines or current.kind:
        yield current


def _words(line: str) -> list[str]:
    """Words of a line without its comment; quotes are taken away, a backslash keeps a space."""
    found = re.findall(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|((?:\\.|[^\s\"'#\\])+)|(#)", line[:4000])
    words: list[str] = []
    for double, single, plain, comment in found:
        if comment:
            break
        words.append(double or single or plain.replace("\\ ", " "))
    return words


def _backend(one: _Section, text: Text) -> Iterator[Fact]:
    servers = tuple(_servers(one, text))
    balance = one.last("balance")
    if servers or one.kind == "backend":
        yield Pool(
            at=text.at(one.line), name=one.name, servers=servers, product="haproxy", whole=bool(one.kind),
            algorithm=" ".join(balance[0][1:2]) if balance else "",
        )  # fmt: skip
    yield from _affinities(one, text)


def _servers(one: _Section, text: Text) -> Iterator[PoolServer]:
    for words, line in (*one.all("server"), *one.all("server-template")):
        if words[0] == "server-template" and len(words) > 3:  # prefix, count, address
            count = whole(words[2].rpartition("-")[2]) or 1
            for number in range(1, min(count, _MOST_SERVERS) + 1):
                yield PoolServer(f"{words[1]}{number}", words[3], at=text.at(line))
        elif words[0] == "server" and len(words) > 2:  # name and address
            given = dict(pairwise(words[3:]))
            role = "backup" if "backup" in words else "disabled" if "disabled" in words else ""
            yield PoolServer(words[1], words[2], given.get("cookie", ""), seconds(given.get("weight", "")), role,
                             text.at(line))  # fmt: skip


def _affinities(one: _Section, text: Text) -> Iterator[Fact]:
    base = Affinity(at=text.at(one.line), pool=one.name, product="haproxy")
    if cookie := one.last("cookie"):
        yield _cookie(cookie, base, text)
    balance = one.last("balance")
    if balance and len(balance[0]) > 1:
        hash_type = one.last("hash-type")
        how: AffinityHow = "consistent-hash" if hash_type and "consistent" in hash_type[0] else "hash"
        by = _by(" ".join(balance[0][1:]))
        if by != "other" or balance[0][1] in {"url_param", "hash"}:
            yield replace(base, at=text.at(balance[1]), by=by, how=how, key=" ".join(balance[0][1:3]),
                          directive=" ".join(balance[0])[:80])  # fmt: skip
    table = one.last("stick-table")
    expire = _after(table[0], "expire") if table else ""
    if table:
        key = next((" ".join(words[2:3]) for words, _ in one.all("stick") if len(words) > 2), "")
        yield StickTable(at=text.at(table[1]), pool=one.name, key=key, peers=_after(table[0], "peers"))
    stores = any(words[1] in {"store-response", "store-request"} for words, _ in one.all("stick") if len(words) > 1)
    for words, line in one.all("stick"):
        if len(words) > 2 and words[1] in {"on", "match"}:
            yield replace(base, at=text.at(line), by=_by(words[2]), how="table", key=words[2],
                          life_s=seconds(expire, 0.001), options=("store-response",) if stores else (),
                          directive=" ".join(words)[:80])  # fmt: skip


def _after(words: list[str], name: str) -> str:
    return words[words.index(name) + 1] if name in words[:-1] else ""


def _by(expression: str) -> AffinityBy:
    if re.match(r"(source|src|ipmask|hdr_ip|req\.hdr_ip)\b", expression):
        return "address"
    if re.search(r"\b(?:req\.|res\.|req|res)?cook(?:ie)?\(|cookie\(", expression):
        return "app-cookie"
    if re.match(r"(hdr|req\.hdr)\b", expression):
        return "app-cookie" if "ookie" in expression else "header"
    if re.match(r"(url_param|urlp)\b", expression):
        return "other"  # a parameter may be the session's id, as ;jsessionid= is
    return "url" if re.match(r"(uri|path|url)\b", expression) else "other"


def _cookie(found: tuple[list[str], int], base: Affinity, text: Text) -> Affinity:
    """`cookie NAME insert ...`: a cookie of HAProxy's own; `prefix` and `rewrite` use the application's."""
    words, line = found
    name = words[1] if len(words) > 1 else ""
    own = "prefix" not in words and "rewrite" not in words
    life = seconds(_after(words, "maxlife") or _after(words, "maxidle"))
    rule = CookieRule(
        name=name, secure="secure" in words or None, http_only="httponly" in words or None,
        domain=_after(words, "domain"),
    )  # fmt: skip
    return replace(base, at=text.at(line), by="cookie" if own else "app-cookie", how="name", key=name, cookie=rule,
                   life_s=life, options=tuple(words[2:]), directive=" ".join(words)[:80])  # fmt: skip


def _frontend(one: _Section, backends: dict[str, _Section], text: Text) -> Iterator[Fact]:
    binds = list(one.all("bind"))
    tls = any("ssl" in words for words, _ in binds) if binds else None
    if accept := next((line for words, line in binds if "accept-proxy" in words), 0):
        yield RealIp(at=text.at(accept))
    targets = [(words[1], line) for words, line in one.all("use_backend") if len(words) > 1]
    default = one.last("default_backend")
    ways = [*targets, *([(default[0][1], default[1])] if default and len(default[0]) > 1 else [])]
    if one.kind == "listen" and not ways:
        ways = [(one.name, one.line)]
    for target, line in ways:
        yield _proxy(one, backends.get(target), target, line, text, tls=tls)
    if len(targets) > 1:
        names = tuple(dict.fromkeys((name, 0.0) for name, _ in ways))
        yield Rule(at=text.at(targets[0][1]), kind="other", scope=one.name, targets=names)


def _proxy(one: _Section, backend: _Section | None, target: str, line: int, text: Text, *, tls: bool | None) -> Proxy:
    sections = [one, *([backend] if backend and backend is not one else [])]
    headers = [
        Header(words[2].lower(), " ".join(words[3:])[:200], text.at(number))
        for section in sections
        for kind in ("set-header", "add-header")
        for words, number in section.all("http-request", kind)
        if len(words) > 3
    ]
    redispatch = any(section.last("option", "redispatch") for section in sections)
    retry_on = [word for section in sections for words, _ in section.all("retry-on") for word in words[1:]]
    hides = [words[2].lower() for section in sections for words, _ in section.all("http-response", "del-header")
             if len(words) > 2]  # fmt: skip
    timeout = next(
        (section.last("timeout", "tunnel") for section in sections if section.last("timeout", "tunnel")), None
    )
    return Proxy(
        at=text.at(line), target=target, tls=tls, headers=tuple(headers), hides=tuple(hides), product="haproxy",
        retries=(*(("redispatch",) if redispatch else ()), *retry_on), whole=True,
        timeout_s=seconds(timeout[0][2], 0.001) if timeout and len(timeout[0]) > 2 else None,
    )  # fmt: skip
