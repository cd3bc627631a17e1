"""Milliseconds per request of our HTTP client beside others: `python -m tests.benchmarks.http_client [ROUNDS]`.

One server in a process of its own; all clients take turns within each round, so that a busy machine slows all of
them alike. Trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from http.client import HTTPConnection
from statistics import median

import httpx

from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits, Request
from sessiondoctor.wire.pace import Pace

REQUESTS = 100
ANSWER = (
    b"HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\nServer: benchmark\r\nContent-Type: text/html\r\n"
    b"Set-Cookie: JSESSIONID=0123456789ABCDEF.node1; Path=/; HttpOnly\r\nContent-Length: 2000\r\n\r\n"
) + b"x" * 2000

Run = Callable[[int], Coroutine[None, None, None]]
"""Sends 100 requests to a port."""


class Answering(asyncio.Protocol):
    """The server: the same answer to every request, as fast as Python can."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer; a request fits in one segment here."""
        self._transport.write(ANSWER * data.count(b"\r\n\r\n"))


async def answer_until_killed() -> None:
    """Serve on a free port, which is printed."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def wire_keep_alive(port: int) -> None:
    """Ours, one connection."""
    request = Request(f"http://127.0.0.1:{port}/")
    async with Wire(limits=Limits(), pace=Pace(0)) as wire, wire.connection() as connection:
        for _ in range(REQUESTS):
            assert len((await wire.send(request, connection=connection)).body) == 2000


async def wire_new(port: int) -> None:
    """Ours, a connection for each request."""
    request = Request(f"http://127.0.0.1:{port}/")
    async with Wire(limits=Limits(), pace=Pace(0)) as wire:
        for _ in range(REQUESTS):
            assert len((await wire.send(request)).body) == 2000


async def httpx_keep_alive(port: int) -> None:
    """`httpx.AsyncClient`, one connection; `verify=False` spares it the certificates that it loads even for http."""
    async with httpx.AsyncClient(verify=False) as client:
        for _ in range(REQUESTS):
            assert len((await client.get(f"http://127.0.0.1:{port}/")).content) == 2000


async def httpx_new(port: int) -> None:
    """`httpx.AsyncClient`, a connection for each request."""
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(verify=False, limits=limits) as client:
        for _ in range(REQUESTS):
            assert len((await client.get(f"http://127.0.0.1:{port}/")).content) == 2000


async def http_client_keep_alive(port: int) -> None:
    """`http.client`, blocking, one connection."""
    connection = HTTPConnection("127.0.0.1", port)
    for _ in range(REQUESTS):
        connection.request("GET", "/")
        assert len(connection.getresponse().read()) == 2000
    connection.close()


async def http_client_new(port: int) -> None:
    """`http.client`, blocking, a connection for each request."""
    for _ in range(REQUESTS):
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        assert len(connection.getresponse().read()) == 2000
        connection.close()


RUNS: dict[str, dict[str, Run]] = {
    "keep-alive": {"wire": wire_keep_alive, "httpx": httpx_keep_alive, "http.client": http_client_keep_alive},
    "new connection": {"wire": wire_new, "httpx": httpx_new, "http.client": http_client_new},
}


def measure(port: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return the milliseconds per request of each client in each round, after one round that does not count."""
    results: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in runs} for kind, runs in RUNS.items()}
    for _ in range(rounds + 1):
        for kind, runs in RUNS.items():
            for name, run in runs.items():
                began = time.perf_counter()
                asyncio.run(run(port))
                results[kind][name].append((time.perf_counter() - began) * 1000 / REQUESTS)
    return {kind: {name: times[1:] for name, times in clients.items()} for kind, clients in results.items()}


def table(results: dict[str, dict[str, list[float]]]) -> str:
    """Return one line for each client; the ratio is the median of those within each round."""
    lines = [f"{'':16}{'client':14}{'median ms':>10}{'fastest':>10}{'x wire':>10}"]
    for kind, clients in results.items():
        for name, times in clients.items():
            ratio = median(other / ours for other, ours in zip(times, clients["wire"], strict=True))
            lines.append(f"{kind:16}{name:14}{median(times):10.3f}{min(times):10.3f}{ratio:10.2f}")
    return "\n".join(lines) + "\n"


def main(rounds: int) -> None:
    """Measure and print."""
    command = (sys.executable, "-m", "tests.benchmarks.http_client", "serve")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            sys.stdout.write(table(measure(int(server.stdout.readline()), rounds)))
        finally:
            server.kill()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(answer_until_killed())
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 11)
