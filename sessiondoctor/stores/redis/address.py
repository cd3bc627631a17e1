"""URLs of Redis stores, taken apart without ever quoting one in a message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from sessiondoctor.errors import Unavailable
from sessiondoctor.wire.trust import Trust

if TYPE_CHECKING:
    from sessiondoctor.topology.secret import Secret

MINIMAL = "+ping +hello +scan +pttl +type +object|encoding +memory|usage +dbsize +info"
"""Rights of a user who can do a census and find sessions, and can read no value: `ACL SETUSER doctor on >password
%R~sess:* resetchannels -@all` and these, with the patterns of the session keys."""

REDIS_PORT = 6379
SENTINEL_PORT = 26379
_URL = re.compile(
    r"(?P<scheme>[a-z+]+):(?://)?(?:(?P<login>[^@/?#]*)@)?(?P<hosts>[^/?#]*)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?",
    re.IGNORECASE,
)
# What a user without any right beyond these may be asked to do without a trace in the server's ACL LOG: see `MINIMAL`.
_BEYOND = frozenset({
    "CLUSTER INFO", "CLUSTER SLOTS", "CONFIG GET", "GETRANGE", "HSCAN", "LATENCY LATEST", "LRANGE", "OBJECT IDLETIME",
    "SELECT", "SLOWLOG GET", "TIME",
})  # fmt: skip
_METADATA = frozenset({"fd00:ec2::254", "100.100.100.200", "192.0.0.192"})
"""Of AWS, Alibaba Cloud and Oracle Cloud; those of others are link-local."""
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
        seeds: host and port of each node that a URL for cluster clients names.
        withheld: commands that are not sent, because the user may have no right to them.
        trust: which certificates to accept; None without TLS.
        told_by: host of the server that named this one, which the user did not; empty for what the URL itself says.
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
    seeds: tuple[tuple[str, int], ...] = ()
    trust: Trust | None = None
    withheld: frozenset[str] = frozenset()
    told_by: str = ""

    def may_be(self, ip: str) -> bool:
        """Whether the password may go to this IP address.

        A server may name others of its kind, but neither the metadata services of clouds, which are link-local or one
        of the addresses below, nor this machine, unless it is on this machine itself.
        """
        if not self.told_by:
            return True
        found = ip_address(ip)
        if found.is_link_local or found.is_multicast or found.is_unspecified or ip in _METADATA:
            return False
        return not found.is_loopback or self.told_by == "localhost" or _is_loopback(self.told_by)

    @property
    def narrow(self) -> bool:
        """Whether a user of its own is named, who is presumed to have few rights: Redis logs each refusal."""
        return bool(self.withheld)

    @property
    def place(self) -> str:
        """`host:port` or the socket's path: what messages and evidence call it."""
        return self.path or f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def parse_url(url: Secret) -> RedisAddress:
    """Reads redis:// rediss:// redis+sentinel:// redis+cluster:// and unix: URLs.

    The query may say db, username and password, and for TLS ssl_ca_certs (a file) and ssl_cert_reqs=none, as the
    URLs of redis-py do; and `rights`: what a user other than the default one may run beyond `MINIMAL`, such as
    `rights=select,getrange,hscan,object|idletime` or `rights=all`.

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
        database, withheld = _database(query.get("db", "")), _withheld(user, query.get("rights", ""))
        return RedisAddress(path=unquote(path), database=database, user=user, password=password, withheld=withheld)
    sentinel = scheme.endswith("+sentinel")
    peers = tuple(_peer(text, SENTINEL_PORT if sentinel else REDIS_PORT) for text in found["hosts"].split(","))
    service, _, number = path.strip("/").rpartition("/") if sentinel else ("", "", path.strip("/"))
    if sentinel and not service:  # redis+sentinel://host/name without a database
        service, number = number, ""
    database, cluster = _database(query.get("db", number)), scheme.endswith("+cluster")
    return RedisAddress(
        host=peers[0][0],
        port=peers[0][1],
        database=database,
        user=user,
        password=password,
        service=service,
        sentinels=peers if sentinel else (),
        cluster=cluster,
        seeds=peers if cluster else (),
        trust=_trust(query) if scheme.startswith("rediss") else None,
        withheld=_withheld(user, query.get("rights", "")) - _needed(database, cluster=cluster),
    )


def places(urls: tuple[Secret, ...]) -> tuple[str, ...]:
    """The peers that these URLs lead to, in order; those that cannot be read are left out."""
    found: list[str] = []
    for url in urls:
        try:
            address = parse_url(url)
        except Unavailable:
            continue
        found += [each.place for each in ways(address)]
    return tuple(found)


def ways(address: RedisAddress) -> tuple[RedisAddress, ...]:
    """The addresses to try in turn: each node that a URL for cluster clients names, else the one itself."""
    return tuple(replace(address, host=host, port=port) for host, port in address.seeds) or (address,)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _peer(text: str, default_port: int) -> tuple[str, int]:
    found = _HOST_PORT.fullmatch(text)
    if not found:
        raise Unavailable("the URL of this Redis names no host", hint="write it as redis://host:port/0")
    return unquote(found[1]).strip("[]"), int(found[2] or default_port)


def _database(text: str) -> int:
    if not re.fullmatch(r"[0-9]{0,5}", text):
        raise Unavailable("the path of this Redis URL is no database number", hint="write it as redis://host:port/0")
    return int(text or 0)


def _withheld(user: str, rights: str) -> frozenset[str]:
    if user in {"", "default"} or rights == "all":
        return frozenset()
    return _BEYOND - {right.strip().replace("|", " ").upper() for right in rights.split(",")}


def _needed(database: int, *, cluster: bool) -> frozenset[str]:
    """What the address itself asks for."""
    return frozenset({"SELECT"} if database else ()) | frozenset({"CLUSTER SLOTS"} if cluster else ())


def _trust(query: dict[str, str]) -> Trust:
    return Trust(ca=query.get("ssl_ca_certs", ""), verify=query.get("ssl_cert_reqs", "required") != "none")
