"""URLs of Redis stores, taken apart without ever quoting one in a message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from sessiondoctor.errors import Unavailable
from sessiondoctor.wire.trust import Trust

if TYPE_CHECKING:
    from sessiondoctor.topology.scalars import Secret

REDIS_PORT = 6379
SENTINEL_PORT = 26379
_URL = re.compile(
    r"(?P<scheme>[a-z+]+):(?://)?(?:(?P<login>[^@/?#]*)@)?(?P<hosts>[^/?#]*)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?",
    re.IGNORECASE,
)
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where a Redis is and how to log in: what one URL of a store says.

    Attributes:
        host: name or IP address, without brackets; the first sentinel's for `redis+sentinel://`.
        path: of the Unix socket; empty for TCP.
        service: the name that sentinels know the primary by; empty without sentinels.
        sentinels: host and port of each.
        cluster: the URL is for cluster clients.
        trust: which certificates to accept; None without TLS.
    """

    host: str = ""
    port: int = REDIS_PORT
    path: str = ""
    database: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    service: str = ""
    sentinels: tuple[tuple[str, int], ...] = ()
    cluster: bool = False
    trust: Trust | None = None

    @property
    def place(self) -> str:
        """`host:port` or the socket's path: what messages and evidence call it."""
        return self.path or f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def parse_url(url: Secret) -> RedisAddress:
    """Reads redis:// rediss:// redis+sentinel:// redis+cluster:// and unix: URLs.

    The query may say db, username and password, and for TLS ssl_ca_certs (a file) and ssl_cert_reqs=none, as the
    URLs of redis-py do.

    Raises:
        Unavailable: it is none of these, or its path is no database number.
    """
    found = _URL.fullmatch(url.reveal())
    if not found:
        raise Unavailable("the URL of this Redis cannot be read", hint="write it as redis://host:port/0")
    query = {name: values[-1] for name, values in parse_qs(found["query"] or "").items()}
    user, _, password = (unquote(part) for part in (found["login"] or "").partition(":"))
    user, password = query.get("username", user), query.get("password", password)
    scheme, path = found["scheme"].lower(), found["path"] or ""
    if scheme == "unix":
        return RedisAddress(path=unquote(path), database=_database(query.get("db", "")), user=user, password=password)
    sentinel = scheme.endswith("+sentinel")
    peers = tuple(_peer(text, SENTINEL_PORT if sentinel else REDIS_PORT) for text in found["hosts"].split(","))
    service, _, number = path.strip("/").rpartition("/") if sentinel else ("", "", path.strip("/"))
    if sentinel and not service:  # redis+sentinel://host/name without a database
        service, number = number, ""
    return RedisAddress(
        host=peers[0][0],
        port=peers[0][1],
        database=_database(query.get("db", number)),
        user=user,
        password=password,
        service=service,
        sentinels=peers if sentinel else (),
        cluster=scheme.endswith("+cluster"),
        trust=_trust(query) if scheme.startswith("rediss") else None,
    )


def places(urls: tuple[Secret, ...]) -> tuple[str, ...]:
    """The peers that these URLs lead to, in order; those that cannot be read are left out."""
    found: list[str] = []
    for url in urls:
        try:
            found.append(parse_url(url).place)
        except Unavailable:
            continue
    return tuple(found)


def _peer(text: str, default_port: int) -> tuple[str, int]:
    found = _HOST_PORT.fullmatch(text)
    if not found:
        raise Unavailable("the URL of this Redis names no host", hint="write it as redis://host:port/0")
    return unquote(found[1]).strip("[]"), int(found[2] or default_port)


def _database(text: str) -> int:
    if not re.fullmatch(r"[0-9]{0,5}", text):
        raise Unavailable("the path of this Redis URL is no database number", hint="write it as redis://host:port/0")
    return int(text or 0)


def _trust(query: dict[str, str]) -> Trust:
    return Trust(ca=query.get("ssl_ca_certs", ""), verify=query.get("ssl_cert_reqs", "required") != "none")
