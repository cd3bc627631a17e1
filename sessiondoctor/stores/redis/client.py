"""Reading questions to a Redis: an allow-list of commands, bounded in size and time, over a connection of redis-py.

redis-py connects, speaks TLS and sends (`connection`); hiredis packs and parses. Its own client is not used: it sends
commands when it connects, which a narrow ACL refuses and logs, and has no bound on a reply.
Protocol: RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.stores.redis.address import RedisAddress, parse_url, ways
from sessiondoctor.stores.redis.refusal import UNFIT, RedisTrouble, Refusal, not_redis, refusal
from sessiondoctor.stores.redis.replies import Replies, Reply
from sessiondoctor.wire import failure
from sessiondoctor.wire.peers import addresses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sessiondoctor.redact import Redactor
    from sessiondoctor.topology.secret import Secret

CONNECT_S = 3.0
"""Seconds for name lookup and TCP; as many again for TLS."""

COMMAND_S = 5.0
"""Seconds for one `ask`: to send its commands and read all their replies."""

HANDSHAKE = 3
"""Commands before the first question: AUTH, SELECT, PING."""

_CONNECTION = "sessiondoctor.stores.redis.connection"
# None of them changes data; of these only GETRANGE and HSCAN reset the idle time of a key.
_ALLOWED = {
    "AUTH", "CLUSTER INFO", "CLUSTER SLOTS", "CONFIG GET", "DBSIZE", "GETRANGE", "HSCAN", "INFO", "LATENCY LATEST",
    "LRANGE", "MEMORY USAGE", "OBJECT ENCODING", "OBJECT IDLETIME", "PING", "PTTL", "SCAN", "SELECT",
    "SENTINEL GET-MASTER-ADDR-BY-NAME", "SLOWLOG GET", "TIME", "TYPE",
}  # fmt: skip
_CONTAINERS = {"CLUSTER", "CONFIG", "LATENCY", "MEMORY", "OBJECT", "SENTINEL", "SLOWLOG"}

Argument = str | bytes | int
Command = tuple[Argument, ...]

WITHHELD = Refusal("NOPERM")
"""The reply to what is not sent."""


class Socket(Protocol):
    """What `connection` opens: octets out, octets in; `OSError` if it breaks."""

    async def send(self, request: bytes) -> None:
        """Sends packed commands."""

    async def read(self) -> bytes:
        """The next octets; none at the end."""

    async def aclose(self) -> None:
        """Closes at once."""


@dataclass(slots=True, eq=False)
class Link:
    """An open connection to one Redis, logged in and with its database selected.

    Attributes:
        address: where it leads; with sentinels, the primary that they named.
        received: bytes read so far.
        refused: commands that the server does not let this user run, such as `MEMORY USAGE`, or might not: those
            that the address withholds are refused here and not sent.
        unfit: why it serves no keys just now, in words; empty if it does.
        turn: held by whoever asks: one at a time.
    """

    address: RedisAddress
    socket: Socket = field(repr=False)
    received: int = 0
    refused: set[str] = field(default_factory=set)
    unfit: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    def __post_init__(self) -> None:
        """Takes what is withheld for refused."""
        self.refused |= self.address.withheld

    @property
    def place(self) -> str:
        """`host:port` or the socket's path."""
        return self.address.place

    async def ask(self, *commands: Command) -> list[Reply]:
        """Sends commands at once and returns their replies, in order; a refused one's is a `Refusal`.

        Raises:
            Unreachable: the connection broke, or the replies were not complete within `COMMAND_S`.
            RedisTrouble: they are no replies of a Redis.
        """
        sent = [command for command in commands if _name(command) not in self.address.withheld]
        request = b"".join(packed(command) for command in sent)
        async with self.turn:
            found = iter(await self._exchange(request, len(sent)) if sent else ())
        replies = [next(found) if _name(command) not in self.address.withheld else WITHHELD for command in commands]
        for command, reply in zip(commands, replies, strict=True):
            if isinstance(reply, Refusal) and reply.forbids_command:
                self.refused.add(_name(command))
        return replies

    async def one(self, *command: Argument) -> Reply:
        """Sends one command and returns its reply.

        Raises:
            RedisTrouble: also for a refusal.
        """
        (reply,) = await self.ask(command)
        if isinstance(reply, Refusal):
            raise refusal(self.place, reply, _name(command))
        return reply

    async def scan(self, cursor: bytes, *, match: bytes = b"", count: int = 1000) -> tuple[bytes, list[bytes]]:
        """One step of SCAN from a cursor (b"0" at the start): the next cursor (b"0" at the end) and some keys."""
        pattern: Command = ("MATCH", match) if match else ()
        match await self.one("SCAN", cursor, *pattern, "COUNT", count):
            case [bytes() as following, [*keys]] if all(isinstance(key, bytes) for key in keys):
                return following, keys
        raise not_redis(self.place)

    async def receive(self, replies: Replies) -> None:
        """Takes the next octets of the server's.

        Raises:
            OSError: the connection broke.
            Unreachable: it has ended.
            RedisTrouble: they are no replies of a Redis.
        """
        chunk = await self.socket.read()
        self.received += len(chunk)
        replies.feed(chunk)

    async def aclose(self) -> None:
        """Closes at once."""
        await self.socket.aclose()

    async def _exchange(self, request: bytes, wanted: int) -> list[Reply]:
        before, replies = self.received, Replies(self.place)
        try:
            async with asyncio.timeout(COMMAND_S):
                await self.socket.send(request)
                while len(replies) < wanted:
                    await self.receive(replies)
        except OSError as error:
            raise failure.broken(self.place, error, COMMAND_S, self.received - before) from None
        return replies.take(wanted)


@asynccontextmanager
async def connect(urls: tuple[Secret, ...], redactor: Redactor) -> AsyncIterator[Link]:
    """Opens the first of an ordered list of URLs that answers, and closes it at the end.

    Raises:
        Unreachable: none of them answers; it is said of the first why.
        RedisTrouble: none of them lets us in, or speaks the Redis protocol.
        Unavailable: there is no URL, or none that can be used.
    """
    link = await _first(urls, redactor)
    try:
        yield link
    finally:
        await link.aclose()


async def _first(urls: tuple[Secret, ...], redactor: Redactor) -> Link:
    problem: Unavailable | None = None
    for url in urls:
        try:
            address = parse_url(url)
            redactor.hide(address.password)
            return await _first_way(address)
        except Unavailable as error:
            problem = problem or error
    raise problem or Unavailable("this store has no url", hint="declare the store's url")


async def _first_way(address: RedisAddress) -> Link:
    """A link to the first node that answers, of those that one URL names."""
    problem: Unavailable | None = None
    for way in ways(address):
        try:
            return await open_link(way)
        except Unavailable as error:
            problem = problem or error
    assert problem
    raise problem


async def open_link(address: RedisAddress) -> Link:
    """Connects, logs in, selects the database and sends a PING, which every user may.

    Raises:
        Unreachable: it does not answer.
        RedisTrouble: it does not let us in, or is no Redis.
    """
    link = await _dial(await _primary(address) if address.sentinels else address)
    try:
        await _greet(link)
    except BaseException:
        await link.aclose()
        raise
    return link


async def _dial(address: RedisAddress) -> Link:
    await asyncio.to_thread(import_module, _CONNECTION)  # a quarter of a second of the processor's
    try:
        socket = await _connected(address)
    except OSError as error:
        if address.trust and isinstance(error, ssl.SSLError | ConnectionAbortedError | ConnectionResetError):
            raise _no_tls(address.place, error) from None
        raise failure.not_connected(address.place, error, CONNECT_S) from None
    return Link(address, socket)


async def _connected(address: RedisAddress) -> Socket:
    from sessiondoctor.stores.redis.connection import open_socket, tls_of

    try:
        tls = tls_of(address)
    except OSError:
        raise Unavailable("the file of ssl_ca_certs in the store's url holds no certificates in PEM form") from None
    async with asyncio.timeout(CONNECT_S * (2 if tls else 1)):  # the handshake has a time of its own
        problem: OSError = ConnectionError()
        for ip in await _ips(address):
            try:
                return await open_socket(address, ip, tls, CONNECT_S)
            except OSError as error:
                problem = error
        raise problem


async def _ips(address: RedisAddress) -> tuple[str, ...]:
    """Where to connect to; one empty text for a socket's path."""
    if address.path:
        return ("",)
    ips = await addresses(address.host, address.port, address.place)
    if address.told_by:
        ips = tuple(ip for ip in ips if address.may_be(ip))
    if not ips:
        raise Unreachable(f"{address.place}: not asked: {address.told_by} may not name it", trouble="refused")
    return ips


def _no_tls(place: str, error: OSError) -> Unreachable:
    if not isinstance(error, ssl.SSLError):
        hint = "if it speaks no TLS, write redis:// instead of rediss://"
        return Unreachable(f"{place}: no TLS handshake", trouble="tls", hint=hint)
    problem = failure.tls_failed(place, error)
    advice = "write redis:// instead of rediss://" if "speak TLS" in problem.reason else "add ?ssl_ca_certs=FILE"
    return Unreachable(problem.reason, trouble="tls", hint=f"{advice} in the store's url" if problem.hint else "")


async def _greet(link: Link) -> None:
    address = link.address
    commands = [*_login(address), ("PING",)]
    if address.database:
        commands.insert(-1, ("SELECT", address.database))
    try:
        replies = await link.ask(*commands)
    except Unreachable as error:
        raise not_redis(link.place) if link.received and error.trouble == "timeout" else error from None
    for command, reply in zip(commands, replies, strict=True):
        _check_greeting(link.place, command, reply)
    if isinstance(replies[-1], Refusal) and replies[-1].code in UNFIT:
        link.unfit = refusal(link.place, replies[-1], "PING").reason


def _check_greeting(place: str, command: Command, reply: Reply) -> None:
    match command, reply:
        case ("SELECT", int() as number), Refusal(code="ERR"):
            raise RedisTrouble(f"{place} has no database {number}", why="refused")
        # A password where none is needed does no harm, who may not ping may ask for more, INFO always answers, and a
        # server that cannot save refuses a PING with the writes, and reads on.
        case ("PING",), Refusal(code=code) if code in {"NOPERM", "UNKNOWN", "MISCONF", *UNFIT}:
            pass
        case ("AUTH", *_), Refusal(code="NOPASSWORD"):
            pass
        case _, Refusal():
            raise refusal(place, reply, _name(command))
        case ("PING",), b"PONG":
            pass
        case ("PING",), _:
            raise not_redis(place)


def _login(address: RedisAddress) -> list[Command]:
    if not address.password:
        return []
    return [("AUTH", address.user, address.password) if address.user else ("AUTH", address.password)]


async def _primary(address: RedisAddress) -> RedisAddress:
    """Asks the sentinels, in order, where the primary is."""
    problem: Unavailable | None = None
    for sentinel in sentinels_of(address):
        try:
            return await ask_sentinel(sentinel)
        except Unavailable as error:
            problem = problem or error
    raise problem or Unavailable("the store's url names no sentinel")


def sentinels_of(address: RedisAddress) -> tuple[RedisAddress, ...]:
    """Where each sentinel is that a URL names."""
    return tuple(replace(address, host=host, port=port, sentinels=()) for host, port in address.sentinels)


async def ask_sentinel(sentinel: RedisAddress) -> RedisAddress:
    """Where this sentinel says that the primary is.

    Raises:
        Unavailable: it does not answer, or knows none of that name.
    """
    question = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinel.service)
    link = await _dial(sentinel)
    try:
        (reply,) = await link.ask(question)
        if isinstance(reply, Refusal) and reply.code == "NOAUTH" and sentinel.password:
            *_, reply = await link.ask(*_login(sentinel), question)
    finally:
        await link.aclose()
    match reply:
        case [bytes() as host, bytes() as port] if re.fullmatch(rb"[\w.:-]{1,253}", host) and port.isdigit():
            return replace(sentinel, host=host.decode("ascii"), port=int(port), told_by=sentinel.host)
        case None:
            raise RedisTrouble(f"{link.place}: this sentinel knows no primary of that name", why="refused")
        case Refusal():
            raise refusal(link.place, reply, "SENTINEL")
    raise not_redis(link.place)


def packed(command: Command) -> bytes:
    """A command as an array of bulk strings."""
    import hiredis

    assert _name(command) in _ALLOWED, _name(command)
    parts = [part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogateescape") for part in command]
    request: bytes = hiredis.pack_command(tuple(parts))  # type: ignore[arg-type] # any number of them
    return request


def _name(command: Command) -> str:
    """The command's name, with its subcommand where it has one."""
    words = command[:2] if command[0] in _CONTAINERS else command[:1]
    return " ".join(map(str, words))
