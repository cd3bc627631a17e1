"""Connections that clients of a node hold open while it is taken out: kept, cut, or opened anew elsewhere."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.experiments.drill import DrilledSocket
from sessiondoctor.evidence.sockets.sockets import SocketEnd
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.sockets.handshake import last
from sessiondoctor.probes.sockets.visitor import asking, is_open

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

    from sessiondoctor.topology.steps import Socket

HELD: Final = 2
_LONGEST_S = 3600.0
_SOON_S = 0.2  # for one that is cut to be seen as ended


@dataclass(slots=True)
class _Line:
    """One held connection: `ended` at a unix time, or not yet."""

    client: Client
    task: asyncio.Task[SocketEnd | None]
    ended: float | None = None

    def end(self, _: asyncio.Task[SocketEnd | None]) -> None:
        """It has just ended."""
        self.ended = time.time()


@dataclass(slots=True)
class HeldOpen:
    """Holds connections within `async with`; of what is spoken there only what can be held."""

    context: Context
    _lines: list[_Line] = field(default_factory=list)

    @property
    def socket(self) -> Socket:
        """The declared endpoint."""
        return self.context.topology.site.flow.websocket

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for line in self._lines:
            line.task.cancel()
        await asyncio.gather(*(line.task for line in self._lines), return_exceptions=True)

    async def open(self, clients: Iterable[Client]) -> None:
        """Open a few, one for each of these clients; those that are not opened are left out."""
        if not self.socket.path or self.socket.spoken == "mcp":
            return
        for client in clients:
            if line := await self._opened(client):
                self._lines.append(line)

    async def fates(self, since: float) -> tuple[DrilledSocket, ...]:
        """What became of each since this unix time; for one that ended its client opens another, once."""
        await asyncio.sleep(_SOON_S if self._lines else 0)
        lines, self._lines = self._lines, []
        return tuple([await self._fate(line, since) for line in lines])

    async def _fate(self, line: _Line, since: float) -> DrilledSocket:
        if line.ended is None:
            self._lines.append(line)
            return DrilledSocket("kept")
        end, again = line.task.result(), await self._opened(line.client)
        if again:
            self._lines.append(again)
        after_s = round(max(0.0, line.ended - since), 2)
        return DrilledSocket("moved" if again else "cut", after_s, end.code if end else 0)

    async def _opened(self, client: Client) -> _Line | None:
        """A connection that is held open from now on; None if it was refused."""
        opened = asyncio.Event()
        line = _Line(client, asyncio.create_task(self._hold(client, opened)))
        line.task.add_done_callback(line.end)
        waiting = asyncio.create_task(opened.wait())
        await asyncio.wait({line.task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return line if opened.is_set() else None

    async def _hold(self, client: Client, opened: asyncio.Event) -> SocketEnd | None:
        try:
            async with self.context.wire.connection(trust=client.target.trust) as connection:
                held = await self.context.wire.hold(asking(client, self.socket), connection)
                if not is_open(held.response, self.socket):
                    return None
                opened.set()
                return await last(held, self.socket.spoken, _LONGEST_S)
        except Unavailable:
            return None
