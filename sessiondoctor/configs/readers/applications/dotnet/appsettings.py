"""ASP.NET Core: appsettings.json; only settings of known meaning, for most names are the application's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import yaml
from sessiondoctor.configs.values import boolean, endpoint
from sessiondoctor.evidence.configs.application import ProxyTrust, Secret, SessionStore
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "ASP.NET Core settings (appsettings.json)"
_OWN = regex(
    r"\"(?:ConnectionStrings|AllowedHosts|Kestrel|Serilog|IdentityServer|DataProtection)\"[ \t]*:"
    r"|\"Logging\"[ \t]*:\s*\{\s*\"(?:LogLevel|IncludeScopes|Console)\"|\"ASPNETCORE_\w{1,60}\"[ \t]*:"
)
_TOKEN = regex(
    r"(?:^|[.:_])(?:jwt|bearer|token|tokens|auth|authentication|jwtsettings|jwtoptions|jwtconfig|appsettings)"
    r"(?:[.:_]\w{1,40}){0,2}?[.:_](?:secret|secretkey|key|signingkey|issuersigningkey|securitykey)$"
)
_COMMENT = regex(r"^[ \t]*//[^\n]*", re.MULTILINE)
_MOST = 5000


def score(name: str, head: str) -> int:
    """Sections that the framework's own templates have."""
    if not _OWN.search(head) or head.lstrip()[:1] not in {"{", '"', "/"}:
        return 0
    return 88 if name.startswith("appsettings") else 80


def read(text: Text) -> Iterator[Fact]:
    """Redis and caches among the connection strings, token secrets, forwarded headers."""
    blank = _COMMENT.sub(lambda found: " " * len(found[0]), text.text)
    for root in yaml.documents(blank):
        for path, node in _values(root):
            yield from _fact(path, node, text)


def _values(root: Node) -> Iterator[tuple[str, Node]]:
    """Every text with its path."""
    waiting = [("", root)]
    for _ in range(_MOST):
        if not waiting:
            return
        path, node = waiting.pop()
        if isinstance(node.value, dict):
            waiting += [(f"{path}.{key}" if path else key, child) for key, child in reversed(node.value.items())]
        elif isinstance(node.value, str):
            yield path, node


def _fact(path: str, node: Node, text: Text) -> Iterator[Fact]:
    name, value = path.lower(), node.text()
    at = text.at(node.line, node.column)
    if re.search(
        r"(?:^|\.)connectionstrings\.\w*redis\w*$|(?:^|\.)redis\w*\.(?:connectionstring|configuration|url|host)$", name
    ):
        where = endpoint(value, 6379)[0]
        if where:
            found = re.search(r"defaultDatabase=([0-9]{1,4})", value, re.IGNORECASE)
            yield SessionStore(at=at, place="redis", endpoint=where, database=found[1] if found else "", role="unknown",
                               stack="aspnetcore")  # fmt: skip
    elif _TOKEN.search(name):
        yield Secret(at=at, use="token", origin="literal" if value else "absent", variable=path, stack="aspnetcore",
                     print=text.fingerprint(value) if value else "")  # fmt: skip
    elif name.endswith("aspnetcore_forwardedheaders_enabled") and boolean(value) is not None:
        yield ProxyTrust(at=at, trusts=bool(boolean(value)), setting=path, stack="aspnetcore")
