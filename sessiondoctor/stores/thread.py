"""Work that blocks, in a thread that holds nobody up.

Neither a task that is cancelled nor the end of the program waits for it: `asyncio.to_thread` would make both wait.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


async def in_thread(work: Callable[[], Answer]) -> Answer:
    """What the work returns or raises; whoever stops waiting has to end what it blocks on."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Answer] = loop.create_future()

    def settle(give: Callable[[], None]) -> None:
        if not done.done():
            give()

    def run() -> None:
        try:
            answer = work()
        except Exception as trouble:  # noqa: BLE001 - carried over to whoever waits
            outcome = trouble
            give: Callable[[], None] = lambda: done.set_exception(outcome)  # noqa: E731 - as the other
        else:
            give = lambda: done.set_result(answer)  # noqa: E731 - as the other
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, give)

    Thread(target=run, daemon=True).start()
    return await done
