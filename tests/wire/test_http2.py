"""HTTP/2 by prior knowledge, from servers that keep to no rule. Real ones are in the laboratory."""

from __future__ import annotations

import asyncio
import struct
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.errors import Unreachable
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.farewell import Farewells
from sessiondoctor.wire.message import Request
from tests.fakes.hostile_http2 import ENDINGS, OK, frame, goaway, head, hostile_http2
from tests.fakes.serving import wire

TOTAL_S = 2.0
LATE_S = 3.0  # a busy machine


async def outcome(port: int) -> tuple[str, str, float]:
    """How one exchange ends, its text, and its seconds."""
    began = time.perf_counter()
    async with wire(total_s=TOTAL_S) as client:
        # The path is not compressed: a behaviour waits for it.
        request = Request(
            f"http://127.0.0.1:{port}/hostile", headers=(("Cookie", "sid=SECRET"), ("X-Path", "/hostile"))
        )
        try:
            response = await client.send(request, trust=Trust(http="2"))
        except Unreachable as error:
            return error.trouble, f"{error} {error.hint} {error.__cause__!r}", time.perf_counter() - began
        ending = f"{response.status}{' truncated' * response.truncated}"
        return ending, repr(response), time.perf_counter() - began


@pytest.fixture(scope="module")
def endings() -> dict[str, tuple[str, str, float]]:
    """Each behaviour met once, five at a time."""

    async def run() -> dict[str, tuple[str, str, float]]:
        gate = asyncio.Semaphore(5)

        async def meet(name: str, port: int) -> tuple[str, tuple[str, str, float]]:
            async with gate:
                return name, await outcome(port)

        async with hostile_http2() as ports:
            return dict(await asyncio.gather(*(meet(name, port) for name, port in ports.items())))

    return asyncio.run(run())


@pytest.mark.parametrize("name", ENDINGS)
def test_every_behaviour_ends(endings: dict[str, tuple[str, str, float]], name: str) -> None:
    """As it must, in time, and without a word of what was sent or received."""
    ending, text, seconds = endings[name]
    assert ending in ENDINGS[name], text
    assert seconds < TOTAL_S + LATE_S
    assert "SECRET" not in text
    assert text.isprintable()


@pytest.mark.parametrize("name", ["endless-body", "hpack-bomb", "tiny-data"])
def test_no_behaviour_takes_much_memory(name: str) -> None:
    """The server included."""

    async def run() -> None:
        async with hostile_http2() as ports:
            await outcome(ports["fine"])
            tracemalloc.start()
            await outcome(ports[name])
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 8 * 1024**2

    asyncio.run(run())


def passed(*pieces: bytes, answered: int = 1) -> tuple[bytes, bool]:
    """What is passed on of these pieces, and whether a farewell was kept back."""
    farewells = Farewells(lambda: answered)
    return b"".join(farewells.passed(piece) for piece in pieces), farewells.heard


@pytest.mark.parametrize(
    ("farewell", "kept"),
    [
        (goaway(1), True),
        (goaway(2**31 - 1), True),
        (goaway(0), False),
        (goaway(1, 2), False),
        (frame(7, 0, 0, b"\0" * 4), False),
        (frame(7, 0, 0, struct.pack(">II", 1, 0) + b"bye"), True),
        (frame(7, 0, 0, struct.pack(">II", 1, 0) + bytes(2000)), False),
    ],
    ids=["peace", "warning", "unanswered", "error", "short", "with a word", "with a speech"],
)
def test_only_a_peaceful_farewell_is_kept_back(farewell: bytes, kept: bool) -> None:  # noqa: FBT001 - a case
    """All other frames pass as they came, in whatever pieces."""
    whole = head() + farewell + OK
    expected = (head() + OK, True) if kept else (whole, False)
    assert passed(whole) == expected
    assert passed(*(whole[at : at + 1] for at in range(len(whole)))) == expected


@given(st.binary(max_size=300), st.integers(1, 50))
@settings(max_examples=200, deadline=None, database=None)
def test_what_is_no_frame_is_not_held_up(data: bytes, size: int) -> None:
    """Less than a frame's header may stay behind, or a farewell that has not ended."""
    out, heard = passed(*(data[at : at + size] for at in range(0, len(data), size)))
    assert heard or data.startswith(out)
