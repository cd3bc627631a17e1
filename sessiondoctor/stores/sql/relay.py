"""A pipe of this process between a driver and its database.

Drivers read what they are sent, however much and however slowly. The relay counts it, and can be shut at any time;
TLS and passwords go through it as they are.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.stores.sql.address import SqlAddress
from sessiondoctor.stores.sql.refusal import SqlTrouble, Why
from sessiondoctor.wire import failure
from sessiondoctor.wire.peers import addresses
from sessiondoctor.wire.unix_socket import open_unix

HERE = "127.0.0.1"
MOST_OCTETS = 8 * 1024 * 1024
"""Of the answer to one question; a census of the largest sample has 2 MB."""

_PIECE = 64 * 1024
_WHY: dict[str, Why] = {"refused": "refused", "timeout": "timeout", "dns": "dns", "closed": "closed"}
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Relay:
    """One connection to a database, and the port at which its driver finds it.

    Attributes:
        port: on this machine; for one connection only.
        flooded: the database sent more than `MOST_OCTETS`, and was hung up on.
    """

    address: SqlAddress
    port: int = 0
    flooded: bool = False
    _left: int = MOST_OCTETS
    _server: asyncio.Server | None = field(default=None, repr=False)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list, repr=False)

    async def open(self, seconds: float) -> None:
        """Connects to the database, and waits for its driver.

        Raises:
            SqlTrouble: it does not answer.
        """
        try:
            async with asyncio.timeout(seconds):
                far = await self._dial()
        except Unreachable as error:
            raise _trouble(error) from None
        except OSError as error:
            raise _trouble(failure.not_connected(self.address.place, error, seconds)) from None
        self._writers.append(far[1])

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._join((reader, writer), far)

        self._server = await asyncio.start_server(accept, HERE, 0, backlog=1)
        self.port = self._server.sockets[0].getsockname()[1]

    def refill(self) -> None:
        """Before each question."""
        self._left = MOST_OCTETS

    def close(self) -> None:
        """Hangs up on both at once; a thread that waits for an answer gets none."""
        if self._server:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _dial(self) -> _Streams:
        path = dict(self.address.extras).get("unix_socket", "")
        if not path and self.address.host.startswith("/"):
            path = f"{self.address.host}/.s.PGSQL.{self.address.port}"
        if path:
            return await open_unix(path)
        problem: OSError = ConnectionError()
        for ip in await addresses(self.address.host, self.address.port, self.address.place):
            try:
                return await asyncio.open_connection(ip, self.address.port)
            except OSError as error:
                problem = error
        raise problem

    async def _join(self, near: _Streams, far: _Streams) -> None:
        """Carries octets both ways until one side hangs up."""
        if self._server:
            self._server.close()  # whoever else comes is nobody we know
        self._writers.append(near[1])
        ways = (self._carry(near[0], far[1]), self._carry(far[0], near[1], weight=1))
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, weight: int = 0) -> None:
        with suppress(OSError):
            while octets := await reader.read(_PIECE):
                self._left -= weight * len(octets)
                if self._left < 0:
                    self.flooded = True
                    return
                writer.write(octets)
                await writer.drain()


def _trouble(error: Unavailable) -> SqlTrouble:
    why = error.trouble if isinstance(error, Unreachable) else "other"
    return SqlTrouble(error.reason, why=_WHY.get(why, "other"), hint=error.hint)
