"""nginx, Tengine, OpenResty: upstreams, locations, what is set on requests and changed in responses.

Directives: nginx.org/en/docs (http_upstream, http_proxy, http_realip, http_split_clients), Tengine's session_sticky,
and the module nginx-sticky-module-ng. Files that are included have been put in their place before (`configs.includes`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.configs.blocks import Directive
from sessiondoctor.configs.blocks import read as parse
from sessiondoctor.configs.values import seconds
from sessiondoctor.evidence.configs.balancing import (
    Affinity,
    Ejection,
    Header,
    Pool,
    PoolServer,
    Proxy,
    RealIp,
    Rule,
)  # fmt: skip
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.balancing import AffinityBy, AffinityHow
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "nginx configuration"
_BLOCK = regex(r"^\s*(?:upstream\s+[\w.-]+|server|location\s+[^{;\n]{1,200}|http|events|stream)\s*\{", re.MULTILINE)
_INLINE = regex(r"\bupstream\s+[\w.-]+\s*\{|\bserver\s*\{\s*(?:listen|server_name|location)|\blocation\s+\S+\s*\{")
_DIRECTIVE = regex(
    r"^\s*(?:proxy_(?:pass|set_header|cookie_path|next_upstream|buffer_size|read_timeout|hide_header|http_version)\s"
    r"|server_name\s|listen\s+[\d\[*]|sticky\s|real_ip_header\s|set_real_ip_from\s"
    r"|worker_processes\s|fastcgi_pass\s|auth_request\s)[^\n]*;|^\s*(?:ip_hash|least_conn)\s*;",
    re.MULTILINE,
)
_OTHER = regex(
    r"^\s*(?:add_header|gzip\w*|ssl_\w+|expires|charset|error_page|access_log|error_log|root|index|try_files|return"
    r"|client_max_body_size|keepalive_timeout|sendfile|include|limit_req\w*|resolver|fastcgi_\w+)\s[^\n{}]*;",
    re.MULTILINE,
)
_PASSES = ("proxy_pass", "grpc_pass", "uwsgi_pass", "fastcgi_pass")


def score(name: str, head: str) -> int:
    """Blocks and directives of nginx, ended by semicolons."""
    found = len(_DIRECTIVE.findall(head[:20_000]))
    if _BLOCK.search(head) or _INLINE.search(head):
        return 85 if found or ";" in head else 30
    named = 5 if name.endswith(".conf") or "nginx" in name else 0
    if found:
        return 70 + named
    return 58 + named if len(_OTHER.findall(head[:20_000])) > 1 else 0


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds at a level: settings replace those of outer levels as a whole, as nginx does."""

    headers: tuple[Header, ...] = ()
    settings: dict[str, tuple[Directive, ...]] = field(default_factory=dict)
    host: str = ""
    path: str = ""
    tls: bool | None = None
    whole: bool = False


_INHERITED = (
    "proxy_cookie_path", "proxy_cookie_domain", "proxy_hide_header", "proxy_ignore_headers", "proxy_next_upstream",
    "proxy_cache", "proxy_read_timeout", "auth_request", "proxy_no_cache", "proxy_cache_bypass", "proxy_cookie_flags",
)  # fmt: skip


def read(text: Text) -> Iterator[Fact]:
    """The facts of a file or a fragment."""
    root = _of_http(parse(text.text))
    for one in root.walk():
        if one.name == "upstream" and one.children is not None:
            yield from _upstream(one, text)
        elif one.name == "split_clients" and one.children is not None:
            targets = tuple((child.args[0], _percent(child.name)) for child in one.children if child.args)
            yield Rule(at=text.at(one.line, one.column), kind="weight", scope=" ".join(one.args), targets=targets)
    if not any(one.name == "upstream" for one in root.walk()):
        yield from _bare_upstream(root, text)
    yield from _real_ip(root, text)
    yield from _level(root, _Around(), text)


def _of_http(root: Directive) -> Directive:
    """Without `stream`: what it passes on is TCP and UDP, without requests, headers and cookies."""
    return replace(root, children=[one for one in root.children or () if one.name != "stream"])


def _percent(word: str) -> float:
    return float(word[:-1]) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?%", word) else 0.0


def _bare_upstream(root: Directive, text: Text) -> Iterator[Fact]:
    """Lines of an upstream without its block."""
    for one in root.children or ():
        if affinity := _affinity(one, "", text):
            yield affinity


def _upstream(one: Directive, text: Text) -> Iterator[Fact]:
    name = one.args[0] if one.args else ""
    servers = tuple(_server(child, text) for child in one.all("server") if child.args)
    words = [child.name for child in one.children or ()]
    algorithm = next((word for word in words if word in {"least_conn", "random", "least_time", "fair"}), "")
    yield Pool(at=text.at(one.line, one.column), name=name, servers=servers, algorithm=algorithm, product="nginx",
               whole=one.closed and "include" not in words)  # fmt: skip
    for child in one.children or ():
        if affinity := _affinity(child, name, text):
            yield affinity
    if any("max_fails=" in word and not word.endswith("=0") for child in one.all("server") for word in child.args):
        yield Ejection(at=text.at(one.line, one.column), pool=name)


def _server(one: Directive, text: Text) -> PoolServer:
    address, *rest = one.args
    given = dict(word.split("=", 1) for word in rest if "=" in word)
    role = "backup" if "backup" in rest else "disabled" if "down" in rest else ""
    weight = seconds(given.get("weight", ""))
    return PoolServer(address, address, given.get("route", ""), weight, role, text.at(one.line, one.column))


def _affinity(one: Directive, pool: str, text: Text) -> Affinity | None:
    directive = " ".join(one.words)[:80]
    base = Affinity(at=text.at(one.line, one.column), pool=pool, directive=directive, product="nginx")
    if one.name == "ip_hash":
        return replace(base, by="address", how="hash", key="$remote_addr")
    if one.name == "hash" and one.args and one.children is None:
        how: AffinityHow = "consistent-hash" if "consistent" in one.args[1:] else "hash"
        return replace(base, by=_by(one.args[0]), how=how, key=one.args[0])
    if one.name in {"sticky", "session_sticky"}:
        return _sticky(one, base)
    return None


def _by(key: str) -> AffinityBy:
    """What a variable recognises the client by."""
    if re.search(r"\$(binary_)?remote_addr|\$proxy_protocol_addr|\$realip_remote_addr", key):
        return "address"
    if re.search(r"\$\{?cookie_", key):
        return "app-cookie"
    if re.search(r"\$\{?http_", key):
        return "header"
    return "url" if re.search(r"\$\{?(request_uri|uri|args|document_uri)", key) else "other"


def _sticky(one: Directive, base: Affinity) -> Affinity:
    kind = one.args[0] if one.args and "=" not in one.args[0] else "cookie"
    given = dict(word.split("=", 1) for word in one.args if "=" in word)
    if kind == "route":
        key = " ".join(one.args[1:])
        return replace(base, by="app-cookie" if "cookie" in key else "url", how="name", key=key)
    if kind == "learn":
        key = given.get("lookup", "")
        life = seconds(given.get("timeout", "10m"))
        shared = ("sync",) if "sync" in one.args else ()
        return replace(base, by=_by(key), how="table", key=key, life_s=life, options=shared)
    name = given.get("name", "") or given.get("cookie", "") or next(iter(one.args[1:]), "route")
    life = seconds(given.get("expires", given.get("maxlife", "")))
    rule = CookieRule(
        name=name.split("=")[0], secure="secure" in one.args or None, http_only="httponly" in one.args or None,
        same_site=given.get("samesite", ""), path=given.get("path", ""), domain=given.get("domain", ""), life_s=life,
    )  # fmt: skip
    return replace(base, by="cookie", how="name", key=rule.name, cookie=rule, life_s=life)


def _real_ip(root: Directive, text: Text) -> Iterator[Fact]:
    found = [one for one in root.walk() if one.name in {"set_real_ip_from", "real_ip_header"} and one.args]
    if found:
        header = next((one.args[0] for one in found if one.name == "real_ip_header"), "X-Real-IP")
        yield RealIp(at=text.at(found[0].line, found[0].column), header=header.lower())


def _level(one: Directive, around: _Around, text: Text) -> Iterator[Fact]:
    """The proxies at a level and below it."""
    here = _inside(one, around, text)
    for target in one.all(*_PASSES):
        if target.args:
            yield _proxy(target, here, text)
    for child in one.children or ():
        if child.children is not None and child.name not in {"upstream", "map", "geo", "types", "split_clients"}:
            yield from _level(child, here, text)


def _inside(one: Directive, around: _Around, text: Text) -> _Around:
    headers = tuple(
        Header(child.args[0].lower(), " ".join(child.args[1:]), text.at(child.line, child.column))
        for child in one.all("proxy_set_header")
        if child.args
    )
    settings = dict(around.settings)
    for name in _INHERITED:
        if found := tuple(one.all(name)):
            settings[name] = found
    included = any(child.name == "include" for child in one.children or ())
    whole = one.closed and not included and (around.whole or one.name == "server")
    new = replace(around, headers=headers or around.headers, settings=settings, whole=whole)
    if one.name == "server":
        new = replace(new, host=_server_name(one), tls=_tls(one))
    elif one.name == "location" and one.args:
        new = replace(new, path=one.args[-1])
    return new


def _server_name(one: Directive) -> str:
    names = [word for child in one.all("server_name") for word in child.args if word not in {"_", "localhost"}]
    return names[0] if names else ""


def _tls(one: Directive) -> bool | None:
    """Whether this server takes TLS; None if it does not say where it listens."""
    listens = list(one.all("listen"))
    if any("ssl" in child.args or "quic" in child.args for child in listens) or one.first("ssl_certificate"):
        return True
    return False if listens else None


def _proxy(target: Directive, here: _Around, text: Text) -> Proxy:
    url = target.args[0]
    found = re.fullmatch(r"(?:[a-z]+://)?([^/]+)(/.*)?", url)
    headers = here.headers
    upgrade = next((header for header in headers if header.name == "upgrade"), None)
    retries = [word for one in here.settings.get("proxy_next_upstream", ()) for word in one.args]
    return Proxy(
        at=text.at(target.line, target.column),
        host=here.host,
        path=here.path,
        target=found[1] if found else url,
        tls=here.tls,
        headers=headers,
        cookie_paths=_pairs(here, "proxy_cookie_path"),
        cookie_domains=_pairs(here, "proxy_cookie_domain"),
        hides=_words(here, "proxy_hide_header"),
        retries=tuple(retries),
        retries_unsafe="non_idempotent" in retries,
        caches=any(one.args and one.args[0] != "off" for one in here.settings.get("proxy_cache", ())),
        cache_ignores=_words(here, "proxy_ignore_headers"),
        auth=next(
            (one.args[0] for one in here.settings.get("auth_request", ()) if one.args and one.args[0] != "off"), ""
        ),
        websocket=True if upgrade else None,
        timeout_s=next((seconds(one.args[0]) for one in here.settings.get("proxy_read_timeout", ()) if one.args), None),
        whole=here.whole,
        product="nginx",
    )


def _pairs(here: _Around, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.args[0], one.args[1]) for one in here.settings.get(name, ()) if len(one.args) > 1)


def _words(here: _Around, name: str) -> tuple[str, ...]:
    return tuple(word.lower() for one in here.settings.get(name, ()) for word in one.args)
