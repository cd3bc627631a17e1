"""Batches of commands on a link, of which the next may be sent before the last is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from sessiondoctor.stores.redis import client
from sessiondoctor.stores.redis.replies import Replies, Reply
from sessiondoctor.wire import failure

if TYPE_CHECKING:
    from types import TracebackType

    from sessiondoctor.stores.redis.client import Link


class Stream:
    """A link that nobody else uses during an `async with` block; what is sent must be read before it ends.

    `heard_at` is when the last octets came, by the clock of the event loop.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.heard_at = 0.0
        self._replies = Replies(link.place)

    async def __aenter__(self) -> Self:
        """Takes the link's turn."""
        await self.link.turn.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the turn back."""
        self.link.turn.release()

    async def send(self, request: bytes) -> None:
        """Sends packed commands (see `client.packed`) at once.

        Raises:
            Unreachable: the connection broke.
        """
        try:
            async with asyncio.timeout(client.COMMAND_S):
                await self.link.socket.send(request)
        except OSError as error:
            raise failure.broken(self.link.place, error, client.COMMAND_S, 0) from None

    async def take(self, wanted: int) -> list[Reply]:
        """The next replies, in the order of the commands.

        Raises:
            Unreachable: the connection broke, or they did not come within `COMMAND_S`.
            RedisTrouble: they are no replies of a Redis.
        """
        link, before = self.link, self.link.received
        try:
            async with asyncio.timeout(client.COMMAND_S):
                while len(self._replies) < wanted:
                    await link.receive(self._replies)
                    self.heard_at = asyncio.get_running_loop().time()
        except OSError as error:
            raise failure.broken(link.place, error, client.COMMAND_S, link.received - before) from None
        return self._replies.take(wanted)
