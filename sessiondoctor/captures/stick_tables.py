"""What HAProxy's `show table NAME` prints (management guide, 9.3): a heading, and a line for each entry.

# table: app, type: string, size:102400, used:2
0x55d0: key=abc use=0 exp=3592000 shard=0 server_id=1 server_key=app1
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.evidence.balancers.stick_tables import ShownTable
from sessiondoctor.evidence.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.redact import Redactor

_HEADING = re.compile(
    r"^[> \t]{0,4}# table: (\S{1,200}), type: \w{1,20}, size:\s?(\d{1,18}), used:\s?(\d{1,18})", re.MULTILINE
)
_ENTRY = re.compile(r"^[> \t]{0,4}0x[0-9a-f]{1,16}: key=(\S{1,1000}) (.{0,2000})$", re.MULTILINE)
_FIELD = re.compile(r"\b(exp|server_id|server_key|server_name)=(\S{1,200})")
_MOST = 20_000


def looks_like_table(text: str) -> bool:
    """By the heading of a table."""
    return _HEADING.search(text[:20_000]) is not None


def read_tables(text: str, balancer: str, file: str, redactor: Redactor) -> Iterator[ShownTable]:
    """Every table of one output."""
    headings = list(_HEADING.finditer(text))
    ends = [one.start() for one in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=True):
        entries = [(found[1], dict(_FIELD.findall(found[2]))) for found in _entries(text, heading.end(), end)]
        left = [int(told["exp"]) / 1000 for _, told in entries if told.get("exp", "").isdecimal()]
        servers = {redactor.token(key, "key"): server for key, told in entries if (server := _server(told))}
        at = Location(file, text.count("\n", 0, heading.start()) + 1)
        yield ShownTable(
            balancer, heading[1], int(heading[2]), int(heading[3]), len(entries), at, max(left, default=None), servers
        )


def _entries(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    for number, found in enumerate(_ENTRY.finditer(text, start, end)):
        if number >= _MOST:
            return
        yield found


def _server(told: dict[str, str]) -> str:
    """The server's name where it is printed (2.4 and later), else its number."""
    return told.get("server_key") or told.get("server_name") or told.get("server_id", "")
