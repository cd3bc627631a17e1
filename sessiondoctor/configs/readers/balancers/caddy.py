"""Caddy: Caddyfile and JSON, `reverse_proxy` with `lb_policy` (caddyserver.com/docs, reverse_proxy)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.blocks import Directive
from sessiondoctor.configs.blocks import read as parse
from sessiondoctor.configs.yaml import documents
from sessiondoctor.evidence.configs.balancing import Affinity, Header, Pool, PoolServer, Proxy
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.balancing import AffinityBy, AffinityHow
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Caddy (Caddyfile, JSON)"
_FILE = regex(
    r"^[ \t]*(?:reverse_proxy[ \t]|lb_policy[ \t]|php_fastcgi[ \t]|file_server\b|handle_path[ \t])", re.MULTILINE
)
_JSON = regex(r"\"handler\"[ \t]*:[ \t]*\"reverse_proxy\"")
_MOST_SERVERS = 500
_POLICIES: dict[str, tuple[AffinityBy, AffinityHow]] = {
    "cookie": ("cookie", "name"),
    "ip_hash": ("address", "consistent-hash"),
    "client_ip_hash": ("address", "consistent-hash"),
    "uri_hash": ("url", "consistent-hash"),
    "header": ("header", "consistent-hash"),
    "query": ("url", "consistent-hash"),
}


def score(name: str, head: str) -> int:
    """`reverse_proxy` in a Caddyfile, or its handler in JSON."""
    if _JSON.search(head):
        return 88
    return (82 if _FILE.search(head) else 0) + (5 if "caddyfile" in name and _FILE.search(head) else 0)


def read(text: Text) -> Iterator[Fact]:
    """The facts of every reverse proxy."""
    if _JSON.search(text.text):
        for root in documents(text.text):
            for _, node in root.walk():
                if node.text("handler") == "reverse_proxy":
                    yield from _of_json(node, text)
        return
    for block in parse(text.text, by_lines=True).walk():
        for proxy in block.all("reverse_proxy"):
            yield from _proxy(proxy, block, text)


def _proxy(proxy: Directive, site: Directive, text: Text) -> Iterator[Fact]:
    at = text.at(proxy.line, proxy.column)
    targets = [word for word in proxy.args if not word.startswith(("/", "@", "*"))]
    targets += [word for child in proxy.all("to") for word in child.args]
    targets = targets[:_MOST_SERVERS]
    name = " ".join(targets)[:80]
    path = next((word for word in proxy.args if word.startswith("/")), "")
    policy = proxy.first("lb_policy")
    yield Pool(at=at, name=name, servers=tuple(PoolServer(word, word, at=at) for word in targets), product="caddy",
               algorithm=policy.args[0] if policy and policy.args else "", whole=proxy.closed)  # fmt: skip
    headers = [Header(child.args[0].lstrip("+-").lower(), " ".join(child.args[1:]), text.at(child.line))
               for child in proxy.all("header_up") if len(child.args) > 1]  # fmt: skip
    hides = [child.args[0][1:].lower() for child in proxy.all("header_down") if child.args and child.args[0][0] == "-"]
    host = site.name.split("://")[-1] if site.children is not None else ""
    tls = None if not host else False if site.name.startswith(("http://", ":80")) else True if "." in host else None
    yield Proxy(at=at, host=host, path=path, target=name, tls=tls, headers=tuple(headers), hides=tuple(hides),
                whole=proxy.closed, product="caddy")  # fmt: skip
    if policy and policy.args and (known := _POLICIES.get(policy.args[0])):
        yield _affinity(policy.args, known, name, policy.line, text)


def _affinity(words: list[str], known: tuple[AffinityBy, AffinityHow], pool: str, line: int, text: Text) -> Affinity:
    name = words[1] if len(words) > 1 else "lb" if words[0] == "cookie" else ""
    rule = CookieRule(name=name) if words[0] == "cookie" else None
    return Affinity(at=text.at(line), pool=pool, by=known[0], how=known[1], key=name, cookie=rule,
                    directive=f"lb_policy {' '.join(words[:2])}", product="caddy")  # fmt: skip


def _of_json(node: Node, text: Text) -> Iterator[Fact]:
    targets = [one.text("dial") for one in node.each("upstreams")]
    name = " ".join(targets)[:80]
    at = text.at(node.line, node.column)
    yield Pool(at=at, name=name, servers=tuple(PoolServer(word, word, at=at) for word in targets), product="caddy")
    policy = node.get("load_balancing", "selection_policy")
    if policy and (known := _POLICIES.get(policy.text("policy"))):
        words = [policy.text("policy"), *filter(None, [policy.text("name")])]
        yield _affinity(words, known, name, policy.line, text)
