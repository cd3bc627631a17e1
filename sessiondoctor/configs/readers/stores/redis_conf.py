"""redis.conf and valkey.conf: memory, eviction, persistence, replicas, idle connections (as Redis comments it)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.servers import server
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

TITLE = "redis.conf, valkey.conf"
KEPT = {
    "maxmemory", "maxmemory-policy", "timeout", "save", "stop-writes-on-bgsave-error", "replicaof", "slaveof",
    "replica-read-only", "slave-read-only", "notify-keyspace-events", "tcp-keepalive", "appendonly", "maxclients",
    "min-replicas-to-write", "min-slaves-to-write", "databases", "port", "bind", "cluster-enabled", "protected-mode",
}  # fmt: skip
"""Settings that concern sessions."""
_NEWER = {
    "slaveof": "replicaof",
    "slave-read-only": "replica-read-only",
    "min-slaves-to-write": "min-replicas-to-write",
}
_TELLING = regex(
    r"^[ \t]*(?:maxmemory(?:-policy|-samples)?[ \t]+[\w-]+|save[ \t]+(?:\"\"|\d+[ \t]+\d+)|appendonly[ \t]+(?:yes|no)"
    r"|appendfsync[ \t]+\w+|stop-writes-on-bgsave-error[ \t]+\w+|notify-keyspace-events[ \t]+\S+"
    r"|(?:replicaof|slaveof)[ \t]+\S+[ \t]+\S+|(?:replica|slave)-read-only[ \t]+\w+|dbfilename[ \t]+\S+"
    r"|min-(?:replicas|slaves)-to-write[ \t]+\d+|rename-command[ \t]+\w+|tcp-keepalive[ \t]+\d+|requirepass[ \t]+\S+"
    r"|lazyfree-lazy-eviction[ \t]+\w+|repl-diskless-sync[ \t]+\w+|rdbcompression[ \t]+\w+)[ \t\r]*",
    re.MULTILINE,
)
_LINE = regex(r"[ \t]*([a-z][a-z-]{1,40})[ \t]+(\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|[^\n]{1,300}?)[ \t\r]*")
_WHOLE = 15  # directives: nobody cuts that many out
_MOST_SAVES = 20


def score(name: str, head: str) -> int:
    """Directives that nothing else has, at the beginning of lines."""
    found = len(_TELLING.findall(head))
    named = 3 if "redis" in name or "valkey" in name else 0
    return min(92, 68 + 6 * found) + named if found else 0


def read(text: Text) -> Iterator[Fact]:
    """One server; renamed commands are settings `rename-command NAME`."""
    lines = list(_lines(text))
    yield from server("redis", (one for one in lines if _kept(one[0])), whole=len(lines) >= _WHOLE)


def _kept(name: str) -> bool:
    return name in KEPT or name.startswith("rename-command ")


def _lines(text: Text) -> Iterator[tuple[str, str, Location]]:
    """Name, value and place of each directive, under the newer of two names."""
    saves: list[str] = []
    for number, line in enumerate(text.text.split("\n"), 1):
        if not (found := _LINE.fullmatch(line)):
            continue
        name, value = found[1], found[2].strip("\"'")
        at = text.at(number, found.start(1) + 1)
        if name == "rename-command":
            command, _, new = value.partition(" ")
            yield f"rename-command {command.upper()}", new.strip(" \"'"), at
        elif name == "save":
            saves = [*saves, value][-_MOST_SAVES:] if value else []
            yield name, "; ".join(saves), at
        else:
            yield _NEWER.get(name, name), value, at
