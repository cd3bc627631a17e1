from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

import pytest

from tests.fakes.hostile_servers import ENDINGS, GZIP_BOMB, zoo, zoo_thread

if TYPE_CHECKING:
    from collections.abc import Mapping

TOTAL_S = 0.6
LATE_S = 3.0  # a busy machine; without a limit they would last for minutes
ROOT = Path(__file__).parents[2]


class Ending(TypedDict):
    """How one visit ended; see `visit_zoo.visit`."""

    outcome: str
    text: str
    seconds: float


class Visit(TypedDict):
    """What one process saw that visited every animal at once."""

    endings: dict[str, Ending]
    peak_mib: float


def visit_all(urls: Mapping[str, str], seconds: float) -> Visit:
    """Visit all these animals at once, in a process of its own."""
    command = (sys.executable, "-m", "tests.fakes.hostile_visits", str(seconds))
    done = subprocess.run(
        command, input=json.dumps(dict(urls)), cwd=ROOT, timeout=20, check=True, stdout=subprocess.PIPE, text=True
    )
    return cast("Visit", json.loads(done.stdout))


def surprises(visit: Visit, *also: str) -> dict[str, Ending]:
    """Return the endings that are not as they must be, nor one of these."""
    endings = visit["endings"].items()
    return {name: ending for name, ending in endings if ending["outcome"] not in (*ENDINGS[name].split(" or "), *also)}


@pytest.fixture(scope="module")
def visit() -> Visit:
    """All animals visited at once."""
    with zoo_thread() as urls:
        return visit_all(urls, TOTAL_S)


def test_every_behaviour_ends(visit: Visit) -> None:
    """Each with a response or an `Unreachable` of the right trouble; a busy machine may run out of time first."""
    assert visit["endings"].keys() == ENDINGS.keys()
    assert surprises(visit, "timeout") == {}


def test_every_behaviour_ends_as_it_must() -> None:
    """With time enough, those that do not play for time end with a verdict, whatever the others do."""
    with zoo_thread() as urls:
        visit = visit_all({name: url for name, url in urls.items() if "timeout" not in ENDINGS[name]}, 5)
    assert len(visit["endings"]) > 40
    assert surprises(visit) == {}


def test_every_behaviour_ends_in_time(visit: Visit) -> None:
    """None plays for time."""
    late = {name: ending for name, ending in visit["endings"].items() if ending["seconds"] > TOTAL_S + LATE_S}
    assert late == {}


def test_all_behaviours_at_once_take_little_memory(visit: Visit) -> None:
    """The process stays below 64 MB, Python and its modules included."""
    assert visit["peak_mib"] < 64_000_000 / 1024**2


def test_nothing_that_was_received_or_sent_is_shown(visit: Visit) -> None:
    """No message, hint or repr quotes the cookie that was sent, or what the server sent."""
    shown = "".join(ending["text"] for ending in visit["endings"].values())
    assert "SECR" not in shown
    assert "/again" not in shown
    assert shown.isprintable()


def test_an_animal_can_be_visited_in_the_same_loop() -> None:
    """The asynchronous zoo serves its own loop, too."""

    async def answer() -> bytes:
        async with zoo() as urls:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(urls["http-0.9"].split(":")[2].strip("/")))
            writer.write(b"GET /\r\n")
            try:
                return await reader.read()
            finally:
                writer.close()
                await writer.wait_closed()

    assert asyncio.run(answer()) == b"<html>hello</html>\n"


def test_the_gzip_bomb_is_one() -> None:
    """It is small enough to be read whole, and a client that decompresses gets 200 MiB: here, the first two."""
    assert len(GZIP_BOMB) < 256 * 1024
    assert zlib.decompressobj(31).decompress(GZIP_BOMB, 2 * 1024**2) == bytes(2 * 1024**2)
