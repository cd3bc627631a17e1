"""Our end of the guard: it is told what to do, and what it cannot do any more is done here."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from sessiondoctor.errors import Unavailable
from sessiondoctor.experiments.drill.actions import COMMAND_S, UNDO_S, Outage, as_document, put_back

if TYPE_CHECKING:
    from types import TracebackType

    from sessiondoctor.evidence.experiments.drill import By

_MODULE: Final = "sessiondoctor.experiments.drill.guard"
_START_S = 20.0
_MARGIN_S = 10.0


@dataclass(slots=True)
class Guarded:
    """A running guard for these outages; it undoes them when it was told nothing for `seconds` while a node is out.

    Within `async with` it runs; leaving that ends it, and it puts back what is still out.
    """

    outages: tuple[Outage, ...]
    seconds: float
    _process: asyncio.subprocess.Process | None = None
    _asked: int = 0

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(  # -P: nothing of the folder that we are run in
            sys.executable, "-P", "-m", _MODULE, stdin=pipe, stdout=pipe, start_new_session=True
        )
        first = {"outages": [as_document(one) for one in self.outages], "seconds": self.seconds}
        await self._send(first)
        if not (await self._read(_START_S) or {}).get("ready"):
            raise Unavailable("the process that puts nodes back does not start; nothing was changed")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process and process.stdin:
            process.stdin.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(UNDO_S + COMMAND_S):
                    await process.wait()

    @property
    def pid(self) -> int:
        """Of the guard; 0 before it runs."""
        return self._process.pid if self._process else 0

    async def take_out(self, outage: Outage, by: By) -> str:
        """Take the node out in one of its ways; why that failed, else nothing."""
        answer = await self._ask({"node": outage.node, "by": by}, COMMAND_S * 3)
        return "the process that changes nodes has ended" if answer is None else str(answer["trouble"])

    async def put_back(self, outage: Outage) -> str:
        """Put the node back; what is still wrong, else nothing. Without a guard it is done here."""
        answer = await self._ask({"node": outage.node}, COMMAND_S * 3 + UNDO_S)
        return await asyncio.to_thread(put_back, outage) if answer is None else str(answer["trouble"])

    async def _ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """The answer to this question, not to one before that nobody waited for; None if the guard is gone."""
        self._asked += 1
        await self._send({**question, "id": self._asked})
        while (answer := await self._read(seconds + _MARGIN_S)) is not None:
            if answer.get("id") == self._asked:
                return answer
        return None

    async def _send(self, document: dict[str, Any]) -> None:
        assert self._process
        assert self._process.stdin
        with suppress(ConnectionError):
            self._process.stdin.write(json.dumps(document).encode() + b"\n")
            await self._process.stdin.drain()

    async def _read(self, seconds: float) -> dict[str, Any] | None:
        assert self._process
        assert self._process.stdout
        try:
            async with asyncio.timeout(seconds):
                line = await self._process.stdout.readline()
            answer = json.loads(line) if line else None
        except (TimeoutError, ValueError):
            return None
        return answer if isinstance(answer, dict) else None
