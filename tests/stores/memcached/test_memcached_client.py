"""What goes wrong with a memcached becomes one line for the user, in time, and nothing that it says is shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.stores.memcached import client
from sessiondoctor.stores.memcached.address import Address, places, servers
from sessiondoctor.stores.memcached.client import Item, Link, connect, key_of
from sessiondoctor.stores.memcached.refusal import MemcachedTrouble
from sessiondoctor.topology.secret import Secret
from tests.fakes.memcacheds import FakeMemcached, memcached
from tests.fakes.peers import Talk, tcp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

ID = "5e551d0000000000000000000000000000"
VERSION = b"VERSION 1.6.18\r\n"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_S", 0.2)
    monkeypatch.setattr(client, "ANSWER_S", 0.2)
    monkeypatch.setattr(client, "_BUSY_REST_S", 0.001)


def with_link(talk: Talk, use: Callable[[Link], Awaitable[Any]]) -> Any:
    """What comes of a question to a scripted server."""

    async def run() -> Any:
        async with tcp(talk) as port, connect(Address("127.0.0.1", port)) as link:
            return await use(link)

    return asyncio.run(run())


def asked(server: FakeMemcached, use: Callable[[Link], Awaitable[Any]]) -> Any:
    """What comes of a question to a well-behaved one."""

    async def run() -> Any:
        async with memcached(server), connect(Address("127.0.0.1", server.port)) as link:
            return await use(link)

    return asyncio.run(run())


def says(*parts: bytes, ends: bool = False) -> Talk:
    """A server that greets, then answers the second command with these parts; it then stays silent, or hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(VERSION)
        await reader.readline()
        for part in parts:
            writer.write(part)
            await writer.drain()
        if not ends:
            await reader.read()

    return talk


def greets(first: bytes) -> Talk:
    """A server whose first answer is this; nothing is hanging up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(first)
        await writer.drain()

    return talk


async def dumped(link: Link) -> list[client.Listed]:
    """All items."""
    return [item async for items in link.dump() for item in items]


async def nothing(_link: Link) -> None:
    """Only connects."""


@pytest.mark.parametrize(
    ("first", "why", "words"),
    [
        (b"", "not-memcached", "closed the connection at the first command"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not-memcached", "text protocol"),
        (b"-ERR unknown command\r\n", "not-memcached", "text protocol"),
        (b"CLIENT_ERROR unauthenticated\r\n", "auth", "demands a login"),
        (b"ERROR Too many open connections\r\n", "full", "no connection left"),
        (b"SERVER_ERROR \x1b[2J5e551d\r\n", "refused", "does not carry out version"),
        (b"x" * 300_000 + b"\n", "not-memcached", "text protocol"),
    ],
)
def test_a_server_that_does_not_let_us_in(first: bytes, why: str, words: str) -> None:
    """It is said why, in our words."""
    with pytest.raises(MemcachedTrouble, match=words) as caught:
        with_link(greets(first), nothing)
    assert caught.value.why == why
    assert "5e551d" not in caught.value.reason


def test_nobody_listens() -> None:
    """Refused is refused."""

    async def run() -> None:
        async with tcp(greets(b"")) as port:
            pass
        async with connect(Address("127.0.0.1", port)):
            pass

    with pytest.raises(Unreachable) as caught:
        asyncio.run(run())
    assert caught.value.trouble == "refused"


@pytest.mark.parametrize("parts", [(), (b"STAT pid 1\r\n",), (b"STAT pi",)])
def test_a_server_that_stalls(parts: tuple[bytes, ...]) -> None:
    """In the middle of an answer, too."""
    with pytest.raises(Unreachable, match=r"within 0\.2 s"):
        with_link(says(*parts), Link.stats)


def test_a_server_that_hangs_up_in_the_middle() -> None:
    """It is no short answer."""
    with pytest.raises(Unreachable, match="closed"):
        with_link(says(b"STAT pid 1\r\nSTAT up", ends=True), Link.stats)
    with pytest.raises(Unreachable, match="closed"):
        with_link(says(b"key=a exp=-1 la=1 cas=1 fetch=no cls=1 size=63\n", ends=True), dumped)


@pytest.mark.parametrize(
    "answer",
    [b"+OK\r\n", b"\x00\xff\r\n", b"STATS\r\n", b"VALUE a 0 1\r\nx\r\nEND\r\n", b"STAT " + b"x" * 400_000],
)
def test_garbage_for_figures(answer: bytes) -> None:
    """It is no memcached."""
    with pytest.raises(MemcachedTrouble, match="text protocol"):
        with_link(says(answer), Link.stats)


def test_endless_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are cut off."""
    monkeypatch.setattr(client, "_ANSWER_BYTES", 10_000)
    with pytest.raises(MemcachedTrouble, match="text protocol"):
        with_link(says(*[b"STAT x 1\r\n" * 20_000] * 20), Link.stats)


def test_an_endless_dump(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is cut off."""
    monkeypatch.setattr(client, "DUMP_BYTES", 1_000_000)
    line = b"key=a exp=-1 la=1 cas=1 fetch=no cls=1 size=63\n"
    with pytest.raises(Unavailable, match="more items than can be listed"):
        with_link(says(*[line * 1000] * 40), dumped)


def test_a_line_without_an_end() -> None:
    """A dump of one endless line is no dump."""
    with pytest.raises(MemcachedTrouble, match="text protocol"):
        with_link(says(b"key=a exp=-1 la=1 cas=1 fetch=no cls=1 size=63\nkey=", *[b"a" * 50_000] * 3), dumped)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"ERROR\r\n", "does not know the command lru_crawler metadump"),  # before 1.4.31
        (b"CLIENT_ERROR lru crawler disabled\r\n", "does not know the command"),
        (b"ERROR metadump not allowed\r\n", "does not carry out"),  # -X
        (b"OK\r\n", "text protocol"),
    ],
)
def test_a_dump_that_is_refused(line: bytes, words: str) -> None:
    """It is said which command."""
    with pytest.raises(MemcachedTrouble, match=words):
        with_link(says(line), dumped)


def test_a_crawler_that_is_busy_is_asked_again() -> None:
    """A server makes one dump at a time."""
    server = FakeMemcached(items={b"a": (-1, 1, 63)})
    answers = iter([b"BUSY currently processing crawler request\r\n"] * 2)
    ordinary = server.answer
    server_answer: Callable[[bytes], bytes] = lambda line: (  # noqa: E731 - a stand-in
        next(answers, None) or ordinary(line) if line.startswith(b"lru") else ordinary(line)
    )

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(server_answer(line.rstrip(b"\r\n")))

    assert with_link(talk, dumped) == [(b"a", -1, 63)]


def test_a_crawler_that_is_always_busy() -> None:
    """In the end it is said."""
    server = FakeMemcached(refuses={b"lru": b"BUSY currently processing crawler request\r\n"})
    with pytest.raises(MemcachedTrouble, match="does not carry out lru_crawler metadump"):
        asked(server, dumped)


KEYS: Sequence[bytes] = (b"memc.sess.key.abc", b"\x1b[2Jevil%41", b"k" * 250, b"\xff\xfe" * 100)


@pytest.mark.parametrize("cut", [1, 7, 64, 100_000])
def test_keys_of_any_octets_in_parts_of_any_size(cut: int) -> None:
    """Where the network cuts does not matter."""
    server = FakeMemcached(items={key: (-1, 1, number) for number, key in enumerate(KEYS)})
    answer = server.answer(b"lru_crawler metadump all")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(VERSION)
        await reader.readline()
        for start in range(0, len(answer), cut):
            writer.write(answer[start : start + cut])
            await writer.drain()
        await reader.read()

    found = with_link(talk, dumped)
    assert [(key_of(key), end, size) for key, end, size in found] == [(key, -1, n) for n, key in enumerate(KEYS)]


def test_an_empty_server() -> None:
    """It has no items."""
    assert asked(FakeMemcached(), dumped) == []


def test_an_item_is_asked_about_without_touching_it() -> None:
    """Neither get nor mg is ever sent."""
    server = FakeMemcached(items={b"a": (1800, 7, 99), b"b": (-1, 1, 63)})
    assert asked(server, lambda link: link.about(b"a")) == Item(1800.0, 7, 99)
    assert asked(server, lambda link: link.about(b"b")) == Item(-1.0, 1, 63)
    assert asked(server, lambda link: link.about(b"c")) is None
    assert {line.split(b" ")[0] for line in server.asked} == {b"version", b"me"}


@pytest.mark.parametrize("key", [b"", b"k" * 251, b"two words", b"a\r\nflush_all", b"\x00"])
def test_what_can_be_no_key_is_not_sent(key: bytes) -> None:
    """A key is part of a command."""
    server = FakeMemcached()
    assert asked(server, lambda link: link.about(key)) is None
    assert server.asked == [b"version"]


def test_a_server_before_meta_commands() -> None:
    """It is said what is needed."""
    with pytest.raises(MemcachedTrouble, match="does not know the command me") as caught:
        asked(FakeMemcached(refuses={b"me": b"ERROR\r\n"}), lambda link: link.about(b"a"))
    assert "1.6" in caught.value.hint


def test_only_reading_commands_can_be_sent() -> None:
    """Whatever a caller asks for."""
    with pytest.raises(ValueError, match="reading commands"):
        asked(FakeMemcached(), lambda link: link.stats("reset"))


@given(answer=st.binary(max_size=400))
@settings(max_examples=40, deadline=None)
def test_any_octets_for_an_answer(answer: bytes) -> None:
    """Whatever comes is an item, no item, or a trouble that can be told."""
    try:
        with_link(says(answer + b"\r\n", ends=True), lambda link: link.about(b"a"))
    except Unavailable as trouble:
        assert trouble.reason.isprintable()  # noqa: PT017 - any trouble will do


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        (["memcached://a:11211", "memcached://b"], ("a:11211", "b:11211")),
        (["memcached://a:1,b:2,a:1"], ("a:1", "b:2")),
        (["memcached://[::1]:5/"], ("[::1]:5",)),
        (["unix:/run/memcached.sock"], ("/run/memcached.sock",)),
        (["memcached://user:pa55@a:1"], ()),
        (["memcached://"], ()),
    ],
)
def test_urls(urls: list[str], expected: tuple[str, ...]) -> None:
    """A list of URLs or of hosts; what cannot be read has no place."""
    assert places(tuple(map(Secret, urls))) == expected


def test_a_login_is_not_supported_and_not_shown() -> None:
    """SASL is refused in words."""
    with pytest.raises(Unavailable, match="SASL") as caught:
        servers([Secret("memcached://user:pa55@a:1")])
    assert "pa55" not in f"{caught.value!r}{caught.value.hint}"
