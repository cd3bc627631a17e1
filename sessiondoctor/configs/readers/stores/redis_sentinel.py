"""sentinel.conf: which master is watched, and when it is replaced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.lines import line_at
from sessiondoctor.configs.servers import server
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

TITLE = "Redis sentinel.conf"
_LINE = regex(
    r"^[ \t]*sentinel[ \t]+(?P<what>monitor|down-after-milliseconds|failover-timeout|parallel-syncs|known-replica"
    r"|known-sentinel|auth-pass|announce-ip|resolve-hostnames)[ \t]+(?P<rest>[^\n]{1,300}?)[ \t\r]*$",
    re.MULTILINE,
)
_SECRET = {"auth-pass"}


def score(name: str, head: str) -> int:
    """Lines that begin with `sentinel` and one of its words."""
    return 93 + (3 if "sentinel" in name else 0) if _LINE.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """One fact for each watched master."""
    masters: dict[str, list[tuple[str, str, Location]]] = {}
    for found in _LINE.finditer(text.text):
        master, _, value = found["rest"].partition(" ")
        if found["what"] not in _SECRET and value:
            at = text.at(line_at(text.text, found.start("what")))
            masters.setdefault(master, [("master", master, at)]).append((found["what"], value.strip(), at))
    for settings in masters.values():
        yield from server("redis-sentinel", settings)
