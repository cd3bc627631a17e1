"""Tomcat's JMX proxy, `/manager/jmxproxy/?qry=...`: blocks of `attribute: value` ("Manager App How-To", 10.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.members.mbeans import PATTERNS, Bean, keys_of, view_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.evidence.members.views import MemberView

_NAME = "Name: "


def urls(url: str) -> tuple[str, ...]:
    """One query for each kind of bean; `qry` only reads."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/") + "/"
    return tuple(parts._replace(path=path, query=f"qry={quote(pattern, safe=':*,=')}").geturl() for pattern in PATTERNS)


def read(texts: Sequence[str], node: str) -> MemberView:
    """What its beans say.

    Raises:
        Unavailable: the first text is no answer of a JMX proxy.
    """
    if not texts[0].startswith("OK - Number of results:"):
        raise Unavailable(
            "the response is not from Tomcat's JMX proxy", hint="declare http://host:port/manager/jmxproxy"
        )
    return view_of((bean for text in texts for bean in _beans(text)), node)


def _beans(text: str) -> Iterator[Bean]:
    """Each block begins with its name; the lines of an array are indented, and left out. Lines end as HTTP's do."""
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith(_NAME):
            told = (line.partition(": ") for line in lines[1:] if not line.startswith("\t"))
            yield Bean(keys_of(lines[0].removeprefix(_NAME)), {name: value for name, sign, value in told if sign})
