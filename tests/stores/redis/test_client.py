"""What goes wrong with a Redis becomes one line for the user, in time, and without its password."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.redact import Redactor
from sessiondoctor.stores.redis import client as redis_client
from sessiondoctor.stores.redis import replies
from sessiondoctor.stores.redis.address import parse_url
from sessiondoctor.stores.redis.client import Link, connect
from sessiondoctor.stores.redis.refusal import RedisTrouble, Refusal, read_refusal
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import OK, PONG, Talk, array, bulk, redis, tcp, unix

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "pa55-w0rd"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_client, "CONNECT_S", 0.2)
    monkeypatch.setattr(redis_client, "COMMAND_S", 0.2)


def trouble_at(port: int, scheme: str = "redis") -> Unavailable:
    """How connecting to this port ends; the password is in none of its texts."""

    async def run() -> Unavailable:
        try:
            async with connect((Secret(f"{scheme}://user:{PASSWORD}@127.0.0.1:{port}/2"),), Redactor()):
                raise AssertionError("it connected")
        except Unavailable as error:
            return error

    error = asyncio.run(run())
    assert PASSWORD not in f"{error!r} {error} {error.hint}"
    assert f"127.0.0.1:{port}" in error.reason
    return error


def trouble_with(talk: Talk, scheme: str = "redis") -> Unavailable:
    """How connecting to this server ends."""

    async def run() -> Unavailable:
        async with tcp(talk) as port:
            return await asyncio.to_thread(trouble_at, port, scheme)

    return asyncio.run(run())


def says(answer: bytes, *, then_closes: bool = False) -> Talk:
    """A server that answers whatever is said first, then is silent or closes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(answer)
        await writer.drain()
        if not then_closes:
            await asyncio.sleep(30)

    return talk


def test_nobody_listens() -> None:
    """A refused connection says so."""
    error = trouble_at(1)
    assert isinstance(error, Unreachable)
    assert error.trouble == "refused"


def test_silence_is_a_timeout() -> None:
    """A server that accepts and says nothing did not answer."""
    error = trouble_with(says(b""))
    assert isinstance(error, Unreachable)
    assert error.trouble == "timeout"


def test_closing_without_a_word() -> None:
    """A server that hangs up closed the connection."""
    error = trouble_with(says(b"", then_closes=True))
    assert isinstance(error, Unreachable)
    assert error.trouble == "closed"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"J\x00\x00\x00\x0a8.0.36\x00",
        b"*4294967295\r\n",
        b"*1000000000\r\n" * 100,
        b"%4000000000\r\n",
        b"~1\r\n*0\r\n",
        b"+OK\r\n+OK\r\n+OK\r\n",
        b"*2\r\n:1\r\n:2\r\n" * 3,
        b"$100\r\nhalf a reply",
    ],
)
def test_what_is_no_redis(answer: bytes) -> None:
    """Other protocols, garbage, impossible sizes and half a reply are no Redis."""
    error = trouble_with(says(answer))
    assert isinstance(error, RedisTrouble)
    assert error.why == "not-redis"
    assert error.reason.endswith("does not speak the Redis protocol")


@pytest.mark.timeout(20)
def test_an_endless_reply_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply without end is not read to the end."""
    monkeypatch.setattr(replies, "REPLY_BYTES", 1 << 20)
    monkeypatch.setattr(redis_client, "COMMAND_S", 60)

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"$400000000\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    error = trouble_with(pour)
    assert isinstance(error, RedisTrouble)
    assert "exceeds 1 MiB" in error.reason


def test_a_server_that_cannot_save_still_answers() -> None:
    """It refuses a PING with the writes; everything else is asked of it."""

    def reply(command: tuple[str, ...]) -> bytes:
        return b"-MISCONF Redis is configured to save RDB snapshots\r\n" if command == ("PING",) else b":7\r\n"

    async def run() -> object:
        async with redis(reply) as server, connect((server.url,), Redactor()) as link:
            return await link.one("DBSIZE")

    assert asyncio.run(run()) == 7


@pytest.mark.parametrize(
    ("reply", "why", "words"),
    [
        (b"-NOAUTH Authentication required.\r\n", "auth", "demands a password"),
        (b"-WRONGPASS invalid username-password pair or user is disabled.\r\n", "auth", "does not accept"),
        (b"-ERR invalid password\r\n", "auth", "does not accept"),
        (b"-DENIED Redis is running in protected mode because ...\r\n", "auth", "protected mode"),
        (b"-ERR max number of clients reached\r\n", "full", "maxclients"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "busy", "loading"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "busy", "lost its primary"),
        (b"-MOVED 3999 10.0.0.1:6381\r\n", "refused", "Redis Cluster"),
        (b"-XYZ pa55-w0rd\r\n", "refused", "error XYZ"),
        (b"-\x1b[31m pa55-w0rd\r\n", "refused", "error ERR"),
    ],
)
def test_refusals_in_words(reply: bytes, why: str, words: str) -> None:
    """What the server answers to the login is said in our words, never in its own."""
    error = trouble_with(says(reply * 3))
    assert isinstance(error, RedisTrouble)
    assert error.why == why
    assert words in error.reason


def test_a_full_server_that_hangs_up() -> None:
    """What it says before it closes counts, not that it closes."""
    error = trouble_with(says(b"-ERR max number of clients reached\r\n", then_closes=True))
    assert "maxclients" in error.reason


def test_tls_where_there_is_none() -> None:
    """A plain Redis behind rediss:// is told apart, with the way out."""
    error = trouble_with(says(b"-ERR unknown command\r\n"), "rediss")
    assert isinstance(error, Unreachable)
    assert error.trouble == "tls"
    assert "redis:// instead of rediss://" in error.hint


def test_a_silent_tls_port() -> None:
    """No handshake in time is trouble with TLS."""
    error = trouble_with(says(b""), "rediss")
    assert isinstance(error, Unreachable)
    assert error.trouble == "tls"


def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """rediss:// connects, checks the certificate, and takes the authority's file from the URL."""
    import trustme

    authority = trustme.CA()
    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def run() -> Unreachable:
        async with tcp(says(PONG), tls=context) as port:
            for query in (f"ssl_ca_certs={tmp_path / 'ca.pem'}", "ssl_cert_reqs=none"):
                async with connect((Secret(f"rediss://127.0.0.1:{port}?{query}"),), Redactor()):
                    pass
            with pytest.raises(Unreachable) as caught:
                await redis_client.open_link(parse_url(Secret(f"rediss://127.0.0.1:{port}")))
        return caught.value

    monkeypatch.setattr(redis_client, "CONNECT_S", 3)
    monkeypatch.setattr(redis_client, "COMMAND_S", 3)
    error = asyncio.run(run())
    assert error.trouble == "tls"
    assert "ssl_ca_certs" in error.hint


def test_login_and_database() -> None:
    """User, password and database of the URL are used; a password that is not needed does no harm."""

    async def run() -> list[tuple[str, ...]]:
        replies = {"AUTH": b"-ERR AUTH <password> called without any password configured ...\r\n", "SELECT": OK}
        async with redis(lambda command: replies.get(command[0], b"")) as server:
            url = Secret(f"redis://us%40er:p%2Fw@127.0.0.1:{server.port}/3")
            async with connect((url,), Redactor()) as link:
                assert link.address.database == 3
            return server.commands

    assert asyncio.run(run()) == [("AUTH", "us@er", "p/w"), ("SELECT", "3"), ("PING",)]


def test_the_first_of_a_list_that_answers() -> None:
    """An ordered list of URLs is tried in order; if none answers, the first one's trouble is told."""

    async def run() -> str:
        async with redis(lambda _: b"") as server:
            async with connect((Secret("redis://127.0.0.1:1"), server.url), Redactor()) as link:
                place = link.place
            assert place == f"127.0.0.1:{server.port}"
        with pytest.raises(Unreachable) as caught:
            await redis_client._first((Secret("redis://127.0.0.1:1"), Secret("redis://127.0.0.1:2")), Redactor())
        return caught.value.reason

    assert asyncio.run(run()).startswith("127.0.0.1:1:")


def test_a_sentinel_names_the_primary() -> None:
    """redis+sentinel:// asks for the primary's address, with the password if the sentinel wants it, and goes there."""

    async def run() -> tuple[str, list[tuple[str, ...]]]:
        async with redis(lambda command: OK if command[0] == "AUTH" else b"") as primary:
            logged_in: list[bool] = []

            def sentinel(command: tuple[str, ...]) -> bytes:
                if command[0] == "AUTH":
                    logged_in.append(True)
                    return OK
                if not logged_in:
                    return b"-NOAUTH Authentication required.\r\n"
                return array(bulk("127.0.0.1"), bulk(str(primary.port)))

            async with redis(sentinel) as server:
                url = Secret(f"redis+sentinel://:pw-of-both@127.0.0.1:1,127.0.0.1:{server.port}/mymaster")
                async with connect((url,), Redactor()) as link:
                    return link.place, server.commands

    place, commands = asyncio.run(run())
    assert place.startswith("127.0.0.1:")
    assert ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster") in commands


def test_a_sentinel_without_that_primary() -> None:
    """An unknown name is the user's to correct."""

    async def run() -> str:
        async with redis(lambda _: b"*-1\r\n") as server:
            with pytest.raises(RedisTrouble) as caught:
                await redis_client._first((Secret(f"redis+sentinel://127.0.0.1:{server.port}/nope/0"),), Redactor())
        return caught.value.reason

    assert "knows no primary" in asyncio.run(run())


def test_a_unix_socket(tmp_path: Path) -> None:
    """unix:/path connects to a socket; a missing one is named."""

    async def run() -> str:
        path = tmp_path / "redis.sock"
        async with unix(says(PONG), path), connect((Secret(f"unix:{path}"),), Redactor()) as link:
            assert link.place == str(path)
        with pytest.raises(Unreachable) as caught:
            await redis_client._first((Secret("unix:///nowhere/redis.sock"),), Redactor())
        return caught.value.reason

    assert "/nowhere/redis.sock" in asyncio.run(run())


def test_writing_commands_cannot_be_sent() -> None:
    """Nothing but the list of reading commands leaves, whatever the caller says."""

    async def run(link: Link) -> None:
        for command in ("SET", "DEL", "KEYS", "MONITOR", "EVAL", "FLUSHALL", "GET", "CONFIG SET"):
            with pytest.raises(AssertionError):
                await link.ask(tuple(command.split()))

    async def connected() -> None:
        async with redis(lambda _: b"") as server, connect((server.url,), Redactor()) as link:
            await run(link)
            assert server.names == {"PING"}

    asyncio.run(connected())


def test_what_an_acl_forbids_is_noted() -> None:
    """A refused command is an answer, and is remembered; one that raises says which right is missing."""

    async def run() -> None:
        reply = b"-NOPERM this user has no permissions to run the 'memory|usage' command\r\n"
        script = redis(lambda command: reply if command[0] == "MEMORY" else b"")
        async with script as server, connect((server.url,), Redactor()) as link:
            assert await link.ask(("MEMORY", "USAGE", "k")) == [Refusal("NOPERM")]
            assert link.refused == {"MEMORY USAGE"}
            with pytest.raises(RedisTrouble, match="MEMORY USAGE") as caught:
                await link.one("MEMORY", "USAGE", "k")
            assert "+memory|usage" in caught.value.hint

    asyncio.run(run())


@given(st.text())
def test_no_refusal_repeats_the_servers_text(text: str) -> None:
    """Only a code of capital letters is kept of an error reply."""
    assert read_refusal(f"ERR key sess:{text} {text}") == Refusal("ERR")
    assert re.fullmatch(r"[A-Z]{2,20}", read_refusal(text).code)


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_end_well(data: bytes) -> None:
    """Whatever a server sends, the reader returns or raises one of our own errors."""
    with suppress(Unavailable):
        replies.Replies("host:1").feed(data)


@pytest.mark.parametrize(
    ("url", "place", "database"),
    [
        ("redis://10.0.0.9", "10.0.0.9:6379", 0),
        ("redis://:p%40ss@10.0.0.9:7000/4", "10.0.0.9:7000", 4),
        ("redis://[::1]:7000?db=5", "[::1]:7000", 5),
        ("rediss://u:p@redis.example:1/", "redis.example:1", 0),
        ("unix:/run/redis.sock?db=2", "/run/redis.sock", 2),
        ("unix:///run/redis.sock", "/run/redis.sock", 0),
        ("redis+sentinel://a:1,b/mymaster/6", "a:1", 6),
        ("redis+cluster://a:1,b:2", "a:1", 0),
    ],
)
def test_urls(url: str, place: str, database: int) -> None:
    """Each form of URL leads to its place and database."""
    address = parse_url(Secret(url))
    assert (address.place, address.database) == (place, database)


@pytest.mark.parametrize("url", ["redis://:s3cret@h/abc", "redis://:s3cret@/0", "redis://:s3cret@h:x/0", "s3cret"])
def test_bad_urls_are_not_quoted(url: str) -> None:
    """A URL that cannot be read is not repeated."""
    with pytest.raises(Unavailable) as caught:
        parse_url(Secret(url))
    assert "s3cret" not in f"{caught.value!r} {caught.value.hint}"
