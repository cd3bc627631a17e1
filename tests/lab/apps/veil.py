"""A proxy that makes what a laboratory answers look like what a site answers: `veil.py SETTINGS.json`.

It is as transparent as a wire: it comes from the client's address, goes to the address that the client asked for, and
holds one connection for each of the client's. The settings: `ports` (public to real), `certificate` (a PEM file, for
`tls` ports, which are public), and what to do: `mute` (no header names the node), `prg` (what follows a POST is a
redirect), `coded` (gzip, wanted or not), `busy` (slow and large pages, other cookies, nonces, a session cookie whose
value is another one in each answer). Each exchange is a line of `journal.log` in the folder it runs in: when it began
and ended, in seconds, method, path and status.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import secrets
import ssl
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import h11

Headers = list[tuple[bytes, bytes]]

MOST_BYTES = 16 << 20
NAMES_THE_NODE = frozenset({b"x-node", b"x-upstream", b"x-served-by"})
AFTER_POST = {"/cart": "cart", "/login": "account", "/signin": "account"}
"""Where a site sends a browser that has posted there."""
SEALED = re.compile(rb"^(connect\.sid|PHPSESSID|sessionid|session)=(.+)$")
"""Sessions whose value the busy site changes with each answer; others name nodes, or are the balancer's."""
SEAL = re.compile(rb"\.n[0-9a-f]{10}$")
WORDS = ("lorem", "ipsum", "dolor", "amet", "offer", "basket", "new", "free", "delivery", "today", "only")
TEASERS = 120
SLOWEST_S, FASTEST_S = 0.3, 0.12


@dataclass(slots=True)
class Veil:
    """What to do with what passes, and what was seen of session cookies.

    Attributes:
        ports: real ports by public ones.
        journal: a line for each exchange.
        lines: the attributes each session cookie was set with, by its name and unsealed value.
    """

    ports: dict[int, int]
    journal: TextIO
    mute: bool = False
    prg: bool = False
    coded: bool = False
    busy: bool = False
    lines: dict[bytes, bytes] = field(default_factory=dict)

    def note(self, line: str) -> None:
        """Write a line of the journal."""
        print(line, file=self.journal, flush=True)

    def request(self, headers: Headers) -> Headers:
        """What the site is to see of a request's headers."""
        return [(name, _unsealed(value) if name.lower() == b"cookie" else value) for name, value in headers]

    def response(self, exchange: Exchange) -> tuple[int, Headers, bytes]:
        """What the client is to see of an answer."""
        status, headers, body = exchange.status, list(exchange.headers), exchange.body
        if self.mute:
            headers = [pair for pair in headers if pair[0].lower() not in NAMES_THE_NODE]
        headers = [(name, self._public(value) if name.lower() == b"location" else value) for name, value in headers]
        if self.busy and exchange.is_page:
            headers, body = self._dressed(headers, exchange), _padded(body)
        if self.prg and exchange.is_page and (place := self._next_page(exchange)):
            status, body = 303, b""
            headers = [*_without(headers, b"content-type"), (b"Location", place)]
        if self.coded and body:
            body = gzip.compress(body, 5)
            headers = [*_without(headers, b"content-encoding"), (b"Content-Encoding", b"gzip")]
            headers.append((b"Vary", b"Accept-Encoding"))
        return status, headers, body

    def _next_page(self, exchange: Exchange) -> bytes:
        if exchange.method != b"POST":
            return b""
        path = exchange.target.partition(b"?")[0].decode("latin-1")
        folder, _, page = path.rpartition("/")
        after = AFTER_POST.get(f"/{page}")
        return f"{folder}/{after}".encode("latin-1") if after else b""

    def _public(self, location: bytes) -> bytes:
        for public, real in self.ports.items():
            location = location.replace(f":{real}".encode(), f":{public}".encode())
        return location

    def _dressed(self, headers: Headers, exchange: Exchange) -> Headers:
        """With a site's other cookies, and each session cookie under a new seal."""
        cookies = _cookies(exchange.asked)
        set_now = [value for name, value in headers if name.lower() == b"set-cookie"]
        for line in set_now:
            if match := SEALED.match(line.partition(b";")[0]):
                self.lines[match[0]] = line.partition(b";")[2]
        renewed = [pair for pair in cookies if pair in self.lines and not _sets(set_now, pair.partition(b"=")[0])]
        lines = [_sealed(line) for line in set_now] + [_sealed(pair + b";" + self.lines[pair]) for pair in renewed]
        lines.append(f"XSRF-TOKEN={secrets.token_urlsafe(40)}; Path=/; SameSite=Lax".encode())
        if not any(pair.startswith(b"visitor=") for pair in cookies):
            lines.append(f"visitor={secrets.token_hex(16)}; Path=/; Max-Age=31536000; SameSite=Lax".encode())
        return [*_without(headers, b"set-cookie"), *((b"Set-Cookie", line) for line in lines)]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `asked` are the request's headers as the site saw them."""

    method: bytes
    target: bytes
    asked: Headers
    status: int
    headers: Headers
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether the answer is a page of HTML."""
        types = [value for name, value in self.headers if name.lower() == b"content-type"]
        coded = any(name.lower() == b"content-encoding" for name, _ in self.headers)
        return self.status == 200 and not coded and any(value.startswith(b"text/html") for value in types)


def _padded(page: bytes) -> bytes:
    """The page of a site: scripts with nonces, the time it was made, much text that says nothing."""
    nonce, build = secrets.token_hex(12), time.time_ns()
    head = f'<script nonce="{nonce}">window.page={{"at":{build},"request":"{secrets.token_hex(8)}"}}</script>\n'
    filler = (head + "".join(_teaser() for _ in range(TEASERS))).encode()
    return page.replace(b"</body>", filler + b"</body>") if b"</body>" in page else page + filler


def _teaser() -> str:
    words = " ".join(random.choices(WORDS, k=80))
    return f'<div class="teaser" id="t{secrets.token_hex(4)}"><p>{words}</p></div>\n'


def _sealed(line: bytes) -> bytes:
    """A Set-Cookie line with a session's value made new; one that deletes the cookie stays."""
    pair, separator, attributes = line.partition(b";")
    if not SEALED.match(pair) or b"1970" in attributes or b"max-age=0" in attributes.lower():
        return line
    return pair + b".n" + secrets.token_hex(5).encode() + separator + attributes


def _unsealed(cookie: bytes) -> bytes:
    return b"; ".join(SEAL.sub(b"", pair) if SEALED.match(pair) else pair for pair in cookie.split(b"; "))


def _cookies(headers: Headers) -> list[bytes]:
    return [pair for name, value in headers if name.lower() == b"cookie" for pair in value.split(b"; ")]


def _sets(lines: list[bytes], name: bytes) -> bool:
    return any(line.startswith(name + b"=") for line in lines)


def _without(headers: Headers, unwanted: bytes) -> Headers:
    return [pair for pair in headers if pair[0].lower() != unwanted]


class Wire:
    """One client's connection and the one behind it."""

    def __init__(self, veil: Veil, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._veil = veil
        self._client = (reader, writer)
        self._server: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._asked = h11.Connection(h11.SERVER)
        self._asking = h11.Connection(h11.CLIENT)

    async def run(self) -> None:
        """Pass on one exchange after the other, until somebody closes."""
        try:
            while await self._exchange():
                self._asked.start_next_cycle()
        except (OSError, h11.ProtocolError, asyncio.IncompleteReadError):
            # As a wire that is cut.
            self._client[1].transport.abort()
        finally:
            for _, writer in filter(None, (self._server, self._client)):
                writer.close()

    async def _exchange(self) -> bool:
        request = await _next(self._asked, self._client[0])
        if not isinstance(request, h11.Request):
            return False
        body = await _body(self._asked, self._client[0])
        began = time.monotonic()
        headers = self._veil.request(request.headers.raw_items())
        if self._veil.busy:
            await asyncio.sleep(random.uniform(FASTEST_S, SLOWEST_S))
        status, reason, answered, page = await self._ask(request, headers, body)
        exchange = Exchange(request.method, request.target, headers, status, answered, page)
        status, answered, page = self._veil.response(exchange)
        reason = reason if status == exchange.status else b"See Other"
        self._answer(request.method, status, reason, answered, page)
        await self._client[1].drain()
        path = request.target.partition(b"?")[0].decode("latin-1")
        self._veil.note(f"{began:.6f} {time.monotonic():.6f} {request.method.decode()} {path} {status}")
        return self._asked.our_state is h11.DONE and self._asked.their_state is h11.DONE

    async def _ask(self, request: h11.Request, headers: Headers, body: bytes) -> tuple[int, bytes, Headers, bytes]:
        reader, writer = await self._connected()
        framed = _without(_without(headers, b"transfer-encoding"), b"content-length")
        if body or request.method in {b"POST", b"PUT", b"PATCH"}:
            framed.append((b"Content-Length", str(len(body)).encode()))
        for event in (
            h11.Request(method=request.method, target=request.target, headers=framed),
            *((h11.Data(data=body),) if body else ()),
            h11.EndOfMessage(),
        ):
            writer.write(self._asking.send(event) or b"")
        await writer.drain()
        response = await _next(self._asking, reader)
        while isinstance(response, h11.InformationalResponse):
            response = await _next(self._asking, reader)
        if not isinstance(response, h11.Response):
            raise ConnectionResetError
        page = await _body(self._asking, reader)
        return response.status_code, bytes(response.reason), response.headers.raw_items(), page

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection to the site, a new one where it has closed the last."""
        done = self._asking.our_state is h11.DONE and self._asking.their_state is h11.DONE
        if self._server and done and not self._server[0].at_eof():
            self._asking.start_next_cycle()
            return self._server
        if self._server:
            self._server[1].close()
        self._asking = h11.Connection(h11.CLIENT)
        ours, theirs = (self._client[1].get_extra_info(name) for name in ("sockname", "peername"))
        secure = self._client[1].get_extra_info("ssl_object") is not None
        self._server = await asyncio.open_connection(
            ours[0], self._veil.ports[ours[1]], local_addr=(theirs[0], 0), ssl=_trusting() if secure else None
        )
        return self._server

    def _answer(self, method: bytes, status: int, reason: bytes, headers: Headers, body: bytes) -> None:
        silent = method == b"HEAD" or status in {204, 304}
        framed = _without(headers, b"transfer-encoding")
        if not silent:
            framed = [*_without(framed, b"content-length"), (b"Content-Length", str(len(body)).encode())]
        writer = self._client[1]
        writer.write(self._asked.send(h11.Response(status_code=status, reason=reason, headers=framed)) or b"")
        if body and not silent:
            writer.write(self._asked.send(h11.Data(data=body)) or b"")
        writer.write(self._asked.send(h11.EndOfMessage()) or b"")


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> Any:
    """The next event of the other side."""
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(1 << 16))
    return event


async def _body(connection: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while not isinstance(event := await _next(connection, reader), h11.EndOfMessage):
        if not isinstance(event, h11.Data) or sum(map(len, parts)) > MOST_BYTES:
            raise ConnectionResetError
        parts.append(bytes(event.data))
    return b"".join(parts)


def _trusting() -> ssl.SSLContext:
    """Of the site itself no certificate is asked: it is on this machine."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def main(settings: dict[str, Any], journal: TextIO) -> None:
    """Serve until the end."""
    ports = {int(public): real for public, real in settings["ports"].items()}
    veil = Veil(ports, journal, **{name: settings[name] for name in ("mute", "prg", "coded", "busy")})
    context = None
    if settings["tls"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings["certificate"])

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Wire(veil, reader, writer).run()

    for public in ports:
        for host in ("0.0.0.0", "::"):
            await asyncio.start_server(met, host, public, ssl=context if public in settings["tls"] else None)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with Path("journal.log").open("w") as kept:
        asyncio.run(main(json.loads(Path(sys.argv[1]).read_text()), kept))
