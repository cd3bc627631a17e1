"""Apache HTTP Server: mod_proxy, mod_proxy_balancer, mod_headers, mod_remoteip, mod_jk's directives."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.configs.values import seconds
from sessiondoctor.evidence.configs.balancing import Affinity, Header, Pool, PoolServer, Proxy, RealIp
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Apache HTTP Server configuration"
_DIRECTIVE = regex(
    r"^[ \t]*(?:ProxyPass(?:Reverse|Match|ReverseCookiePath|ReverseCookieDomain)?|BalancerMember|ProxySet"
    r"|ProxyPreserveHost|RequestHeader[ \t]+(?:set|unset|add|append)"
    r"|Header[ \t]+(?:always[ \t]+)?(?:set|edit\*?|unset|add|append|merge)"
    r"|RemoteIPHeader|SSLEngine|SSLCertificateFile|DocumentRoot|ServerName|LoadModule|JkMount|JkWorkersFile"
    r"|RewriteRule)[ \t]",
    re.MULTILINE | re.IGNORECASE,
)
_VALUE = 3  # where the value of a RequestHeader begins
_MOST_BLOCKS = 5000
_MOST_CONTINUED = 200
_MOST_OF_ONE = 50  # directives of one name that a block has for each of its paths
_BLOCK = regex(
    r"^[ \t]*<(?:VirtualHost|Proxy|Location(?:Match)?|Directory|IfModule)\b[^>\n]*>", re.MULTILINE | re.IGNORECASE
)


def score(name: str, head: str) -> int:
    """Blocks in angle brackets and directives of Apache's."""
    found = len(_DIRECTIVE.findall(head[:30_000]))
    if _BLOCK.search(head) and found:
        return 86
    named = 5 if re.search(r"httpd|apache|\.htaccess|\.conf$", name) else 0
    return 72 + named if found else 0


@dataclass(slots=True)
class _Level:
    """A block that is open, with what holds in it."""

    kind: str
    arg: str
    line: int
    lines: list[tuple[list[str], int]] = field(default_factory=list)
    named: dict[str, list[tuple[list[str], int]]] = field(default_factory=lambda: defaultdict(list))
    outer: _Level | None = None
    closed: bool = False

    def add(self, words: list[str], line: int) -> None:
        """One more directive."""
        self.lines.append((words, line))
        self.named[words[0].lower()].append((words, line))

    def all(self, *names: str) -> Iterator[tuple[list[str], int]]:
        """Directives of these names (in lower case) here and in the blocks around, the first of each block."""
        level: _Level | None = self
        while level:
            yield from (one for name in names for one in level.named.get(name, ())[:_MOST_OF_ONE])
            level = level.outer


def read(text: Text) -> Iterator[Fact]:
    """The facts of virtual hosts, balancers and what stands outside them."""
    levels = _levels(text.text)
    for level in levels:
        if level.kind == "proxy" and level.arg.startswith("balancer:"):
            yield from _balancer(level, text)
    yield from _one_line_balancers(levels, text)
    yield from (_proxy(level, words, line, text) for level in levels for words, line in level.lines
                if words[0].lower() in {"proxypass", "proxypassmatch", "jkmount"} and len(words) > 1
                and "!" not in words)  # fmt: skip
    for level in levels:
        for words, line in level.lines:
            if words[0].lower() == "remoteipheader" and len(words) > 1:
                yield RealIp(at=text.at(line), header=words[1].lower())


def _levels(text: str) -> list[_Level]:
    root = _Level("", "", 1, closed=True)
    levels, current = [root], root
    for line, number in _logical_lines(text):
        words = _words(line)
        if not words:
            continue
        if opened := re.match(r"<(\w+)\s*([^>]*)>?", line.strip()):
            current = _Level(opened[1].lower(), opened[2].strip().strip("\"'"), number, outer=current)
            levels.append(current)
            if len(levels) > _MOST_BLOCKS:
                break
        elif line.strip().startswith("</"):
            current.closed = True
            current = current.outer or current
        else:
            current.add(words, number)
    return levels


def _logical_lines(text: str) -> Iterator[tuple[str, int]]:
    """Lines with those that a backslash continues, and the number of the first."""
    parts: list[str] = []
    first = 1
    for number, line in enumerate(text.split("\n"), 1):
        if not parts:
            first = number
        parts.append(line.removesuffix("\\"))
        if not line.endswith("\\") or len(parts) > _MOST_CONTINUED:
            yield "".join(parts), first
            parts = []
    if parts:
        yield "".join(parts), first


def _words(line: str) -> list[str]:
    if line.lstrip().startswith("#"):
        return []
    found = re.findall(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|(\S+)", line[:4000])
    return [double or single or plain for double, single, plain in found]


def _given(words: list[str]) -> dict[str, str]:
    return {name.lower(): value for name, _, value in (word.partition("=") for word in words) if value}


def _balancer(level: _Level, text: Text) -> Iterator[Fact]:
    name = level.arg.split("//", 1)[-1].rstrip("/")
    members = [(words, line) for words, line in level.lines if words[0].lower() == "balancermember"]
    servers = tuple(_member(words, line, text) for words, line in members if len(words) > 1)
    settings: dict[str, str] = {}
    place = level.line
    for words, line in level.lines:
        if words[0].lower() == "proxyset":
            settings |= _given(words[1:])
            place = line if "stickysession" in _given(words[1:]) else place
    algorithm = settings.get("lbmethod", "")
    at = text.at(level.line)
    yield Pool(at=at, name=name, servers=servers, algorithm=algorithm, product="apache", whole=level.closed)
    if settings.get("stickysession"):
        yield _sticky(settings["stickysession"], name, place, text)


def _member(words: list[str], line: int, text: Text) -> PoolServer:
    given = _given(words[2:])
    status = given.get("status", "")
    role = "backup" if "H" in status else "disabled" if "D" in status else ""
    weight = seconds(given.get("loadfactor", ""))
    return PoolServer(words[1], words[1], given.get("route", ""), weight, role, text.at(line))


def _sticky(value: str, pool: str, line: int, text: Text) -> Affinity:
    names = value.split("|")
    return Affinity(
        at=text.at(line),
        pool=pool,
        by="app-cookie",
        how="name",
        key=value,
        directive=f"stickysession={value}",
        cookie=CookieRule(name=names[0]),
        product="apache",
    )


def _one_line_balancers(levels: list[_Level], text: Text) -> Iterator[Fact]:
    """`ProxyPass / balancer://app/ stickysession=JSESSIONID`."""
    for level in levels:
        for words, line in level.lines:
            target = next((word for word in words[1:] if word.startswith("balancer://")), "")
            sticky = _given(words).get("stickysession", "")
            if words[0].lower() == "proxypass" and target and sticky:
                yield _sticky(sticky, target.split("//", 1)[-1].split("/", 1)[0], line, text)


def _proxy(level: _Level, words: list[str], line: int, text: Text) -> Proxy:
    target = next((word for word in words[1:] if "://" in word), words[-1])
    path = words[1] if words[1].startswith(("/", "^")) else level.arg
    found = re.match(r"[a-z]+://([^/\s]+)(/.*)?", target)
    block = level
    while block.outer and block.kind not in {"virtualhost", ""}:
        block = block.outer
    plain = block.kind == "virtualhost" and block.arg.endswith(":80")
    hides = [one[-1].lower() for one in _args(level, "header", 2) if "unset" in (word.lower() for word in one[:2])]
    return Proxy(
        at=text.at(line),
        host=next((one[0] for one in _args(level, "servername", 1)), ""),
        path=path,
        target=found[1] if found else target,
        tls=True if _is_on(level, "sslengine") else False if plain else None,
        headers=tuple(_headers(level, line, text)),
        cookie_paths=tuple((one[0], one[1]) for one in _args(level, "proxypassreversecookiepath", 2)),
        cookie_domains=tuple((one[0], one[1]) for one in _args(level, "proxypassreversecookiedomain", 2)),
        hides=tuple(hides),
        whole=block.kind == "virtualhost" and block.closed,
        product="apache",
    )


def _args(level: _Level, name: str, least: int) -> Iterator[list[str]]:
    """The arguments of each directive of a name that has at least so many."""
    return (words[1:] for words, _ in level.all(name) if len(words) > least)


def _is_on(level: _Level, name: str) -> bool:
    return any(one[0].lower() == "on" for one in _args(level, name, 1))


def _headers(level: _Level, line: int, text: Text) -> Iterator[Header]:
    for words, at in level.all("requestheader"):
        if len(words) > _VALUE and words[1].lower() in {"set", "add", "append", "setifempty"}:
            yield Header(words[2].lower(), " ".join(words[_VALUE:]), text.at(at))
    if _is_on(level, "proxypreservehost"):
        yield Header("host", "$http_host", text.at(line))
