from __future__ import annotations

import asyncio

import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits, Request
from sessiondoctor.wire.pace import GENTLE, Pace
from tests.fakes.serving import serve
from tests.fakes.virtual_time import now, run_at_once

SHOP = "shop.example:80"


async def starts(pace: Pace, count: int, authority: str = SHOP, addresses: tuple[str, ...] = ()) -> list[float]:
    """Return when each of several slots that were asked for at once began, in seconds."""
    began = now()

    async def one() -> float:
        async with pace.slot(authority, addresses):
            return now() - began

    return sorted(await asyncio.gather(*(one() for _ in range(count))))


def test_starts_are_spaced_by_the_rate() -> None:
    """Four starts at 50 a second take 60 ms, the first none."""
    first, *_, last = run_at_once(starts(Pace(50, at_once=4), 4))
    assert [first, last] == pytest.approx([0, 0.06])


def test_a_rate_of_0_is_no_limit() -> None:
    """Zero means as fast as it goes."""
    assert run_at_once(starts(Pace(0, at_once=4), 20))[-1] == 0


def test_unsaid_the_rate_is_gentle() -> None:
    """A host of which nothing is known gets ten requests a second."""
    assert GENTLE == 10
    assert run_at_once(starts(Pace(), 2))[1] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("authority", "addresses"),
    [("127.0.0.1:80", ()), ("127.8.0.1:80", ()), ("[::1]:80", ()), ("localhost:80", ()), (SHOP, ("127.0.0.1", "::1"))],
)
def test_unsaid_loopback_is_not_slowed_down(authority: str, addresses: tuple[str, ...]) -> None:
    """This machine's own servers get no pause."""
    assert run_at_once(starts(Pace(), 3, authority, addresses))[-1] == 0


@pytest.mark.parametrize(
    ("authority", "addresses"),
    [("127.0.0.1.example:80", ()), ("localhost.example:80", ()), (SHOP, ("127.0.0.1", "192.0.2.1"))],
)
def test_what_only_looks_like_loopback_is_slowed_down(authority: str, addresses: tuple[str, ...]) -> None:
    """A name that begins like loopback, or a host with one address elsewhere, is treated gently."""
    assert run_at_once(starts(Pace(), 2, authority, addresses))[1] == pytest.approx(0.1)


def test_hosts_do_not_wait_for_each_other() -> None:
    """Each `host:port` has its own spacing."""

    async def run() -> None:
        pace = Pace(10)
        one, other = await asyncio.gather(starts(pace, 1), starts(pace, 1, "shop.example:8080"))
        assert max(one + other) == 0

    run_at_once(run())


def test_no_more_than_allowed_run_at_once() -> None:
    """With two places, six exchanges overlap by two, never by three."""

    async def run() -> int:
        running, most = 0, 0
        pace = Pace(0, at_once=2)

        async def one() -> None:
            nonlocal running, most
            async with pace.slot(SHOP):
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.002)
                running -= 1

        await asyncio.gather(*(one() for _ in range(6)))
        return most

    assert run_at_once(run()) == 2


def test_what_was_sent_is_counted_by_host_and_port() -> None:
    """Failed exchanges count, too; what was refused before it could start does not."""

    async def run() -> None:
        pace = Pace(0)
        async with serve() as one, serve(lambda _: b"") as other, Wire(limits=Limits(), pace=pace) as client:
            urls = [one.url, one.url, other.url]
            await asyncio.gather(*(client.send(Request(url)) for url in urls), return_exceptions=True)
            with pytest.raises(UsageError):
                await client.send(Request(one.url, "BAD METHOD"))
        assert pace.sent == {f"127.0.0.1:{one.port}": 2, f"127.0.0.1:{other.port}": 1}

    asyncio.run(run())


def test_waiting_for_a_turn_is_not_part_of_an_exchange() -> None:
    """Neither the deadline nor `elapsed_s` of a request begins before its turn."""

    async def run() -> None:
        limits = Limits(total_s=0.7)
        async with serve() as server, Wire(limits=limits, pace=Pace(2, at_once=3)) as client:
            responses = await asyncio.gather(*(client.send(Request(server.url)) for _ in range(3)))
        assert max(response.elapsed_s for response in responses) < 0.9

    asyncio.run(run())


async def _after_a_burst(pace: Pace) -> tuple[list[float], list[float], int]:
    """When the slots of a burst began, when two began after it, and how many were counted."""
    burst = await starts(pace.in_bursts(), 5)
    began = now()
    await starts(pace, 1)
    return burst, [now() - began], pace.sent[SHOP]


def test_a_burst_waits_for_nothing_and_is_made_up_for() -> None:
    """Five at once, at ten a second: the next one comes half a second later, and all are counted."""
    burst, after, sent = run_at_once(_after_a_burst(Pace()))
    assert burst == [0.0] * 5
    assert after == pytest.approx([0.5])
    assert sent == 6


def test_a_burst_towards_loopback_leaves_no_debt() -> None:
    """There is no rate to make up for."""
    pace = Pace()
    assert run_at_once(starts(pace.in_bursts(), 5, "127.0.0.1:80"))[-1] == 0
    assert run_at_once(starts(pace, 2, "127.0.0.1:80"))[-1] == 0


def test_a_view_with_other_limits_shares_the_pace() -> None:
    """What goes through it is counted with the rest, and bound by its own limits."""

    async def run() -> None:
        pace = Pace(0)
        async with serve() as server, Wire(limits=Limits(), pace=pace) as client:
            view = client.with_limits(Limits(body_bytes=1))
            assert (await view.send(Request(server.url))).truncated
            assert not (await client.send(Request(server.url))).truncated
            kept = view.connection()
            await view.send(Request(server.url), connection=kept)
        assert list(pace.sent.values()) == [3]
        assert kept._line is None, "closed with the wire"

    asyncio.run(run())
