"""postgresql.conf and my.cnf: what ends idle connections, how many there may be, how large a row may come."""

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

TITLE = "postgresql.conf, my.cnf"
_POSTGRES = {
    "max_connections", "idle_session_timeout", "idle_in_transaction_session_timeout", "statement_timeout",
    "tcp_keepalives_idle", "hot_standby", "synchronous_commit", "primary_conninfo", "max_standby_streaming_delay",
}  # fmt: skip
_MYSQL = {
    "wait_timeout", "interactive_timeout", "max_allowed_packet", "max_connections", "read_only", "super_read_only",
    "max_user_connections", "default_storage_engine",
}  # fmt: skip
_SECRET = {"primary_conninfo"}
_ONLY_POSTGRES = regex(
    r"^[ \t]*(?:idle_session_timeout|idle_in_transaction_session_timeout|shared_buffers|effective_cache_size|wal_level"
    r"|hot_standby|primary_conninfo|max_wal_size|work_mem|dynamic_shared_memory_type|listen_addresses)[ \t]*=",
    re.MULTILINE,
)
_ONLY_MYSQL = regex(
    r"^[ \t]*(?:wait[_-]timeout|interactive[_-]timeout|max[_-]allowed[_-]packet|innodb_\w+|key_buffer_size"
    r"|default[_-]storage[_-]engine)[ \t]*=",
    re.MULTILINE,
)
_SECTION = regex(r"^[ \t]*\[([\w -]{1,40})\]")
_LINE = regex(
    r"[ \t]*(?:set-variable[ \t]*=[ \t]*)?([a-z][a-z_-]{1,60})[ \t]*=?[ \t]*('[^'\n]*'|[^#\n]{1,200}?)[ \t\r]*(?:#.*)?"
)
_SERVERS = {"mysqld", "mariadb", "server", "galera", "mysqld_safe"}


def score(name: str, head: str) -> int:
    """Settings that only these databases have."""
    found = len(_ONLY_MYSQL.findall(head)) or len(_ONLY_POSTGRES.findall(head))
    section = re.search(r"^\[(?:mysqld|mariadb)[\w.-]*\]", head, re.MULTILINE)
    named = 4 if name in {"postgresql.conf", "my.cnf", "my.ini"} else 0
    if section:
        return 88 + named
    return min(86, 64 + 6 * found) + named if found else 0


def read(text: Text) -> Iterator[Fact]:
    """One server."""
    mysql = bool(_ONLY_MYSQL.search(text.text)) or re.search(r"^\[mysqld", text.text, re.MULTILINE)
    kept = _MYSQL if mysql else _POSTGRES
    yield from server("mysql" if mysql else "postgresql", _lines(text, kept))


def _lines(text: Text, kept: set[str]) -> Iterator[tuple[str, str, Location]]:
    """Settings of the server; of my.cnf those of clients are left out."""
    of_server = True
    for number, line in enumerate(text.text.split("\n"), 1):
        if section := _SECTION.match(line):
            of_server = section[1].strip().split("-")[0] in _SERVERS
        elif of_server and (found := _LINE.fullmatch(line)) and (name := found[1].replace("-", "_")) in kept:
            value = "set" if name in _SECRET else found[2].strip(" '\"")
            yield name, value, text.at(number, found.start(1) + 1)
