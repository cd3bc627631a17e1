"""How far a whole scan is above its critical path: the requests that must follow each other.

The site answers after 50 ms. A scan of a bare URL visits, one after the other: the entry, the first returning client,
the others together, the strangers, one client that keeps its first cookies, and re-reads; what may overlap does.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.rounds import compare

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY_S = 0.05
_PROGRAM = str(Path(sys.executable).with_name("sessiondoctor"))


class Site:
    """Counts the requests under way, and how long there was at least one: the time nobody could have saved."""

    def __init__(self) -> None:
        self.busy_s = 0.0
        self._under_way = 0
        self._since = 0.0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        await reader.readuntil(b"\r\n\r\n")
        if not self._under_way:
            self._since = time.perf_counter()
        self._under_way += 1
        await asyncio.sleep(LATENCY_S)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        self._under_way -= 1
        if not self._under_way:
            self.busy_s += time.perf_counter() - self._since
        writer.close()


@contextmanager
def slow_site() -> Iterator[tuple[str, Site]]:
    """The site in a thread of its own."""
    site, loop = Site(), asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(site.answer, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", site
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def one_scan() -> tuple[float, float]:
    """Seconds in which the site was busy, and seconds of the whole process."""
    with slow_site() as (url, site):
        began = time.perf_counter()
        subprocess.run([_PROGRAM, "scan", url, "-q"], check=False, capture_output=True, cwd="/")
        return site.busy_s, time.perf_counter() - began


if __name__ == "__main__":
    seen: list[tuple[float, float]] = []

    def busy() -> float:
        """A scan's critical path."""
        seen.append(one_scan())
        return seen[-1][0]

    compare({"critical path": busy, "whole scan": lambda: seen[-1][1]}, rounds=7, unit="s")
