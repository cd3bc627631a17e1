"""How far off is a clock that is read from Date headers: `python -m tests.benchmarks.date_offset [RUNS]`.

Real servers on this machine, so that the true offset is nought. For each kind: the error in milliseconds (median,
largest), the widest half interval that was claimed, the most requests, and how often the truth lay within the claim.
Needs uvicorn.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.network.clocks import read_date
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.lab.process import Command
from tests.lab.readiness import healthy
from tests.lab.servers.express import Express
from tests.lab.servers.flask import Flask
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.tomcat import Tomcat
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APP = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
"""


@dataclass(frozen=True, slots=True)
class Uvicorn:
    """A server that refreshes its Date by a timer, once a second."""

    name: str
    port: int = 0

    def prepare(self, home: Path) -> Command:
        """Write the application."""
        (home / "app.py").write_text(APP)
        options = ("--app-dir", str(home), "--host", "127.0.0.1", "--port", str(self.port), "--lifespan", "off")
        return Command((sys.executable, "-m", "uvicorn", "app:app", *options))

    def ready(self) -> bool:
        """Whether it answers."""
        return healthy(self.port)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: seconds, and requests."""

    error: float
    claimed: float
    requests: int


def servers(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Starts them; names and URLs."""
    secret = secrets.token_hex(16)
    express, flask, tomcat = (
        Express("node", port=workspace.port(3000), secret=secret),
        Flask("gunicorn", port=workspace.port(5000), secret=secret),
        Tomcat("tomcat", port=workspace.port(9000), route="t"),
    )
    uvicorn = Uvicorn("uvicorn", workspace.port(8000))
    nginx = Nginx("nginx", port=workspace.port(8080), servers=(("node", express.port),))
    for server in (express, flask, tomcat, uvicorn, nginx):
        workspace.start(server)
        yield server.name, f"http://127.0.0.1:{server.port}/{'__lb' if server is nginx else ''}"


async def once(url: str) -> Measured:
    """One measurement of one server."""
    pace = Pace(0)
    wire = Wire(limits=Limits(), pace=pace, resolve={})
    async with wire:
        offset, uncertainty = await read_date(Target(url), wire)
    return Measured(abs(offset), uncertainty, sum(pace.sent.values()))


async def many(url: str, runs: int) -> list[Measured]:
    """So many, one after the other."""
    return [await once(url) for _ in range(runs)]


async def everything(urls: dict[str, str], runs: int) -> dict[str, list[Measured]]:
    """All servers at once: each is mostly waited for."""
    measured = await asyncio.gather(*(many(url, runs) for url in urls.values()))
    return dict(zip(urls, measured, strict=True))


def line(name: str, runs: list[Measured]) -> str:
    """One row of the table."""
    errors = [run.error * 1000 for run in runs]
    claims = max(run.claimed * 1000 for run in runs)
    true = sum(run.error <= run.claimed for run in runs)
    figures = f"{median(errors):8.2f} {max(errors):8.2f} {claims:9.1f} {max(run.requests for run in runs):9}"
    return f"{name:10} {figures}   {true}/{len(runs)}\n"


def main() -> None:
    """Prints the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with Workspace() as workspace:
        measured = asyncio.run(everything(dict(servers(workspace)), runs))
    sys.stdout.write(
        f"{'server':10} {'median':>8} {'largest':>8} {'claimed +-':>9} {'requests':>9}   true   (milliseconds)\n"
    )
    for name, of in measured.items():
        sys.stdout.write(line(name, of))


if __name__ == "__main__":
    main()
