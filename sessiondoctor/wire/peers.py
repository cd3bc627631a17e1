"""The addresses of declared peers that are not asked by HTTP: stores, time servers, resolvers."""

from __future__ import annotations

from sessiondoctor.wire import failure
from sessiondoctor.wire.address import is_ip
from sessiondoctor.wire.lookup import system_lookup


async def addresses(host: str, port: int, place: str) -> tuple[str, ...]:
    """The IP addresses of a host in the system's order; `place` is what messages call it.

    Raises:
        Unreachable: the name has none.
    """
    if is_ip(host):
        return (host,)
    try:
        return await system_lookup(host, port)
    except UnicodeError:
        raise failure.unknown_name(place, "it is no host name") from None
    except OSError as error:
        raise failure.unknown_name(place, (error.strerror or "no reason given").lower()) from None


def split_server(server: str) -> tuple[str, int]:
    """Host and port of a declared `host:port`; the brackets of an IPv6 address are taken off."""
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)
