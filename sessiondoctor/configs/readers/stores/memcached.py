"""memcached: /etc/memcached.conf, /etc/sysconfig/memcached (options one a line, or in variables)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.commands import memcached_options
from sessiondoctor.configs.servers import server
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

TITLE = "memcached.conf, /etc/sysconfig/memcached"
_OPTION = regex(
    r"^[ \t]*(?:-[mcp][ \t]*\d+|-u[ \t]*\w+|-l[ \t]*[\w.:,-]+|-I[ \t]*\d+[kmKM]?|-[dMvkP](?:[ \t]+[/\w.]+)?"
    r"|logfile[ \t]+/\S+)[ \t\r]*$",
    re.MULTILINE,
)
_VARIABLE = regex(r"^[ \t]*(CACHESIZE|MAXCONN|OPTIONS|PORT)=[\"']?([^\"'\n]{0,300})", re.MULTILINE)
_NAMES = {"CACHESIZE": "-m", "MAXCONN": "-c", "PORT": "-p"}


def score(name: str, head: str) -> int:
    """Two option lines, the cache's size in a variable, or one option in a file called so."""
    options = len(_OPTION.findall(head))
    named = 5 if "memcache" in name else 0
    if re.search(r"^[ \t]*CACHESIZE=", head, re.MULTILINE):
        return 86 + named
    if options >= 2 or (options and named):
        return 76 + named
    return 0


def read(text: Text) -> Iterator[Fact]:
    """One server."""
    yield from server("memcached", _options(text))


def _options(text: Text) -> Iterator[tuple[str, str, Location]]:
    for number, line in enumerate(text.text.split("\n"), 1):
        at = text.at(number)
        found = _VARIABLE.match(line)
        words = f"{_NAMES.get(found[1], '')} {found[2]}" if found else line.split("#", 1)[0]
        yield from ((name, value, at) for name, value in memcached_options(words.split()))
