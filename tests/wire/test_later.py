from __future__ import annotations

import asyncio

import pytest

from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.later import wait_of
from sessiondoctor.wire.message import Limits, Request, Response
from sessiondoctor.wire.pace import LONGEST_HOLD_S, Pace
from tests.fakes.serving import OK, one_by_one, serve
from tests.fakes.virtual_time import now, run_at_once

NOON = 784111777.0  # Sun, 06 Nov 1994 08:49:37 GMT
SHOP = "shop.example:80"


def response(status: int, said: str) -> Response:
    """A response that came at `NOON`."""
    headers = (("Retry-After", said),) if said else ()
    return Response("http://shop.example/", status, headers, b"", False, "1.1", "", False, 0, NOON, 0)  # noqa: FBT003


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [
        (429, "7", 7),
        (503, "7", 7),
        (429, "", 1),
        (503, "", 0),
        (429, "soon", 1),
        (503, "-5", 0),
        (503, "Sun, 06 Nov 1994 08:49:47 GMT", 10),
        (503, "Sun, 06 Nov 1993 08:49:47 GMT", 0),
        (429, "9" * 500, 1),
    ],
)
def test_how_long_to_wait(status: int, said: str, seconds: float) -> None:
    """Seconds, a date, or what the status alone means."""
    assert wait_of(response(status, said)) == seconds


async def _start(pace: Pace) -> float:
    began = now()
    async with pace.slot(SHOP):
        return now() - began


def test_a_host_that_asks_to_wait_is_not_asked_meanwhile() -> None:
    """Another one is; bursts let the rest wait, too."""

    async def run() -> tuple[float, float]:
        pace = Pace(0)
        pace.in_bursts().refused(SHOP, 429, 3)
        began = now()
        async with pace.slot("other.example:80"):
            other = now() - began
        return other, await _start(pace)

    other, same = run_at_once(run())
    assert (other, round(same, 6)) == (0, 3)


def test_no_host_keeps_us_for_long() -> None:
    """All its pauses together have a bound; what it says is counted further on."""

    async def run() -> tuple[float, float]:
        pace = Pace(0)
        pace.refused(SHOP, 503, 86_400)
        first = await _start(pace)
        pace.refused(SHOP, 503, 86_400)
        assert pace.refusals == {SHOP: {503: 2}}
        return first, await _start(pace)

    first, second = run_at_once(run())
    assert (round(first, 6), round(second, 6)) == (LONGEST_HOLD_S, 0)


def test_several_refusals_at_once_are_one_pause() -> None:
    """Each says the same."""

    async def run() -> float:
        pace = Pace(0)
        for _ in range(5):
            pace.refused(SHOP, 429, 2)
        return await _start(pace)

    assert run_at_once(run()) == pytest.approx(2)


def test_the_wire_heeds_and_counts_what_servers_say() -> None:
    """A 429 is a response; the next request comes when it was asked to."""

    async def run() -> None:
        later = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
        async with serve(one_by_one(later, OK)) as server, Wire(limits=Limits(), pace=Pace(0)) as client:
            loop = asyncio.get_running_loop()
            assert (await client.send(Request(server.url))).status == 429
            began = loop.time()
            assert (await client.send(Request(server.url))).status == 200
            assert 0.8 < loop.time() - began < 5
            assert client.refusals == {f"127.0.0.1:{server.port}": {429: 1}}

    asyncio.run(run())
