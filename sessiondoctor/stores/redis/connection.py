"""Connections of redis-py to one Redis: TCP, Unix sockets, TLS and sending are its work.

It is told to send nothing of its own, since a narrow user's ACL refuses and logs what it does not know: RESP2, no name
of a client or library, no credentials and no database; `client` greets the server itself. What comes back is handed on
in chunks, which `replies` parses with hiredis within its bounds: redis-py puts none on a reply.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    RedisSSLContext,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from asyncio import StreamReader

    from sessiondoctor.stores.redis.address import RedisAddress

CHUNK = 256 * 1024
"""Octets that are read at once, at most."""


class Incoming:
    """What redis-py takes for its parser: it is given the stream of a connection, and hands on what comes."""

    def __init__(self) -> None:
        self._stream: StreamReader | None = None

    def on_connect(self, connection: Any) -> None:
        """The connection is there."""
        self._stream = connection._reader  # noqa: SLF001 - as redis-py's own parsers get at it

    def on_disconnect(self) -> None:
        """The connection is gone."""
        self._stream = None

    async def read(self) -> bytes:
        """The next octets; none at the end."""
        return await self._stream.read(CHUNK) if self._stream else b""


class _Pinned(SSLConnection):
    """TLS with an address that was looked up before; the certificate must be the host name's."""

    def __init__(self, tls: RedisSSLContext, name: str, handshake_s: float, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.ssl_context = tls
        self._more = {"server_hostname": name, "ssl_handshake_timeout": handshake_s}

    def _connection_arguments(self) -> dict[str, Any]:
        return {**super()._connection_arguments(), **self._more}


@dataclass(frozen=True, slots=True)
class RedisSocket:
    """An open connection: octets out, octets in."""

    connection: AbstractConnection
    incoming: Incoming

    async def send(self, request: bytes) -> None:
        """Sends packed commands.

        Raises:
            OSError: the connection broke.
        """
        try:
            await self.connection.send_packed_command(request, check_health=False)
        except RedisError as error:
            raise _cause_of(error) from None

    async def read(self) -> bytes:
        """The next octets; none at the end.

        Raises:
            OSError: the connection broke.
        """
        return await self.incoming.read()

    async def aclose(self) -> None:
        """Closes at once."""
        await self.connection.disconnect(nowait=True)
        await asyncio.sleep(0)  # the socket is closed in the next turn of the loop


def tls_of(address: RedisAddress) -> RedisSSLContext | None:
    """What TLS needs, read from its files; None without TLS.

    Raises:
        OSError: the file of `ssl_ca_certs` holds no certificates.
    """
    if not address.trust:
        return None
    tls = RedisSSLContext(
        ca_certs=address.trust.ca or None,
        cert_reqs="required" if address.trust.verify else "none",
        check_hostname=True,
        exclude_verify_flags=[ssl.VerifyFlags.VERIFY_X509_STRICT],  # as wire.trust does, and for its reasons
    )
    tls.get()
    return tls


async def open_socket(address: RedisAddress, ip: str, tls: RedisSSLContext | None, seconds: float) -> RedisSocket:
    """Connects to an IP address of the host, or to the socket of the path; `seconds` bound the handshake of TLS.

    Raises:
        OSError: there is no connection; an `ssl.SSLError` or a `ConnectionAbortedError` if TLS is why.
    """
    incoming = Incoming()
    connection = _connection(address, ip, tls, seconds, incoming)
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
    except RedisError as error:
        raise _cause_of(error) from None
    return RedisSocket(connection, incoming)


def _cause_of(error: RedisError) -> OSError:
    """What the system said; redis-py puts it into words of its own, which name addresses."""
    said = error.__context__
    return said if isinstance(said, OSError) else OSError()


def _connection(
    address: RedisAddress, ip: str, tls: RedisSSLContext | None, seconds: float, incoming: Incoming
) -> AbstractConnection:
    quiet: dict[str, Any] = {
        "protocol": 2,
        "driver_info": None,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": None,
        "socket_connect_timeout": None,
        "parser_class": lambda socket_read_size: incoming,  # noqa: ARG005 - redis-py's name of it
    }
    if address.path:
        return UnixDomainSocketConnection(path=address.path, **quiet)
    where: dict[str, Any] = {"host": ip, "port": address.port}
    return _Pinned(tls, address.host, seconds, **where, **quiet) if tls else Connection(**where, **quiet)
