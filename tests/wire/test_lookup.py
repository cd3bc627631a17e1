from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import suppress

import pytest

from sessiondoctor.wire import lookup

Found = tuple[tuple[str, ...], OSError | None]


def test_localhost_is_loopback() -> None:
    """The system's own answer, without duplicates."""
    addresses = asyncio.run(lookup.system_lookup("localhost", 80))
    assert set(addresses) <= {"127.0.0.1", "::1"}
    assert len(addresses) == len(set(addresses)) > 0


def test_a_slow_answer_wakes_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else need happen for it to be noticed."""

    def look(_host: str, _port: int) -> Found:
        time.sleep(0.02)
        return ("192.0.2.1",), None

    async def run() -> tuple[str, ...]:
        async with asyncio.timeout(2):
            return await lookup.system_lookup("shop.example", 80)

    monkeypatch.setattr(lookup, "_look", look)
    began = time.perf_counter()
    assert asyncio.run(run()) == ("192.0.2.1",)
    assert time.perf_counter() - began < 4


def test_a_failure_is_raised_where_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the `OSError` that the system gave."""

    def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(socket.gaierror):
        asyncio.run(lookup.system_lookup("shop.example", 80))


def test_a_lookup_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program ends, and a late answer disturbs nobody."""
    answer = threading.Event()
    before = threading.active_count()

    def look(_host: str, _port: int) -> Found:
        answer.wait(5)
        return (), None

    async def run() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await lookup.system_lookup("shop.example", 80)

    monkeypatch.setattr(lookup, "_look", look)
    began = time.perf_counter()
    asyncio.run(run())
    assert time.perf_counter() - began < 4
    answer.set()
    for _ in range(1000):
        if threading.active_count() <= before:  # a thread of an earlier test may have ended in the meantime
            break
        time.sleep(0.005)
    assert threading.active_count() <= before
