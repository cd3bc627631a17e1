"""A next step, ready to paste: lines for the topology file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Topology

_FLOW = """\
site:
  flow:
    write: {method: POST, path: /cart, form: {item: "{marker}"}}
    read: {path: /cart, expect: "{marker}"}"""
_NAMED = """\
site:
  flow:
    node: {header: X-Served-By}"""
_LOGIN = """\
site:
  flow:
    login: {method: POST, path: /login, form: {user: "${SHOP_USER}", password: "${SHOP_PASSWORD}"}}
    logged_in: {path: /account, expect: "Sign out"}"""
_STORES = """\
stores:
  - {name: sessions, kind: redis, url: "redis://10.0.0.9:6379/0"}"""
_STATS = """\
load_balancers:
  - {name: edge, kind: haproxy, stats: "http://10.0.0.5:8404/stats"}"""
_MANAGEMENT = """\
nodes:
  - name: app1
    management: {kind: tomcat, url: "http://doctor:${JMX_PASSWORD}@10.0.0.1:8080/manager/jmxproxy"}"""
_CONFIGS = """\
load_balancers:
  - {name: edge, kind: haproxy, config: [haproxy.cfg]}
nodes:
  - {name: app1, config: [app1/.env]}"""
_CLOCKS = """\
time: {servers: ["ntp.example.com:123"]}"""
_SNIPPETS = (
    (r"\bstats\b", _STATS),
    (r"\]\.management\b", _MANAGEMENT),
    (r"\]\.config\b", _CONFIGS),
    (r"\bstores?\b(?!\[)", _STORES),
    (r"site\.flow\.node\b", _NAMED),
    (r"site\.flow\.log", _LOGIN),
    (r"site\.flow\b(?!\.)", _FLOW),
    (r"time\.servers", _CLOCKS),
)
_ASKS = r"\b(?:declare|add) [^;]*"
_NODES = r"\bnodes? (?:with )?urls?\b|\bnodes with url\b"


def paste_for(how: str, topology: Topology) -> str:
    """What to add to the topology file for this step; empty where that cannot be shown."""
    asked = re.search(_ASKS, how)
    if not asked:
        return ""
    if re.search(_NODES, asked[0], re.IGNORECASE):
        names = [node.name for node in topology.nodes] or ["app1", "app2"]
        lines = (f'  - {{name: {name}, url: "http://10.0.0.{n}:3000/"}}' for n, name in enumerate(names, 1))
        return "\n".join(["nodes:", *lines])
    return next((text for pattern, text in _SNIPPETS if re.search(pattern, asked[0])), "")
