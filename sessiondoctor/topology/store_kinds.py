"""Which kind of store a URL leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sessiondoctor.topology.secret import Secret

_SCHEMES: Final = {
    "redis": "redis", "unix": "redis", "memcached": "memcached", "postgresql": "sql", "mysql": "sql", "mariadb": "sql",
    "sqlite": "sql", "file": "files",
}  # fmt: skip


def kind_of_url(url: Secret) -> str:
    """The kind of store that a URL leads to; empty for one that cannot be looked at."""
    scheme = url.reveal().partition(":")[0].lower()
    return _SCHEMES.get("redis" if scheme.startswith("redis") else scheme.partition("+")[0], "")
