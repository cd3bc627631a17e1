"""One request and its response by httpx and httpcore, over a network of our own.

Imported late: httpx and httpcore take longer to load than a request to answer.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict, TypeVar, cast

import h2.exceptions
import httpcore
import httpx
import socksio

from sessiondoctor import __version__
from sessiondoctor.errors import Unavailable, Unreachable, UsageError
from sessiondoctor.wire import coding, failure
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.backend import Backend
from sessiondoctor.wire.channel import PIECE, HeadTooLong
from sessiondoctor.wire.message import Response
from sessiondoctor.wire.trust import Trust

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

    from sessiondoctor.wire.message import Limits, Request
    from sessiondoctor.wire.route import Call, Names, Route
    from sessiondoctor.wire.trust import Contexts

_T = TypeVar("_T")

_SWITCHING_PROTOCOLS = 101
_STATUSES = range(100, 600)
_CONTROL = frozenset(b"\r\n\x00")
_USER_AGENT = f"sessiondoctor/{__version__}"
# What is raised of hostile bytes. httpcore lets errors of h2 through, and gives a status that is no number to int().
_PARSER_FAULTS = (httpcore.ProtocolError, httpcore.NetworkError, h2.exceptions.H2Error, ValueError, LookupError)

_PROXY_FAULTS = (httpcore.ProxyError, socksio.SOCKSError, AssertionError)  # httpcore asserts what a SOCKS proxy says


class Line:
    """An httpx transport along one route, over one connection at a time; it opens another when the old one is gone."""

    def __init__(self, route: Route, names: Names, contexts: Contexts) -> None:
        self._route = route
        self._place = route.place(route.address)
        self._host = _host(route, names)
        self._backend = Backend(route, names)
        self._transport = _Transport(_pool(route, contexts, self._backend))

    @property
    def unanswered(self) -> bool:
        """Whether the last request went over a connection that had served another, and nothing came back."""
        return self._backend.reused and not self._backend.received

    async def send(self, call: Call) -> Response:
        """Send one request and read its response.

        Raises:
            Unreachable: there was no complete response.
        """
        return await self._within(call, self._converse)

    async def hold(self, call: Call) -> Held:
        """Send one request and read the head of its response; the connection stays open for what follows.

        Raises:
            Unreachable: there was no complete head.
        """
        return await self._within(call, self._open)

    async def _within(self, call: Call, talk: Callable[[Call], Awaitable[_T]]) -> _T:
        """What comes of a call, within its time."""
        await self._backend.begin(call)
        if self._backend.over:
            await self._transport.aclose()
        try:
            async with asyncio.timeout_at(call.deadline):
                return await talk(call)
        except OSError as error:
            raise self._broken(error, call.limits.total_s) from error
        except (HeadTooLong, coding.Bomb, coding.BrokenCoding, *_PROXY_FAULTS, *_PARSER_FAULTS) as error:
            problem = self._explain(error, call.limits)
        # Outside of the handler, so that the parser's text, which quotes the server, is not attached.
        raise problem

    async def aclose(self) -> None:
        """Close the connection."""
        try:
            await self._transport.aclose()
        finally:
            await self._backend.aclose()

    async def _converse(self, call: Call) -> Response:
        answer, answered_at = await self._head(call)
        try:
            self._check(answer, call.limits)
            raw = await _body(answer, call.limits.body_bytes)
        finally:
            await answer.aclose()
        body, truncated = _decoded(raw, answer, call.limits.body_bytes)
        self._check_body(answer, body)
        return self._response(call, answer, answered_at, body, truncated=truncated)

    async def _open(self, call: Call) -> Held:
        answer, answered_at = await self._head(call)
        self._check(answer, call.limits)
        response = self._response(call, answer, answered_at, b"", truncated=True)
        switched = answer.status_code == _SWITCHING_PROTOCOLS
        return Held(response, answer.extensions["network_stream"] if switched else answer)

    async def _head(self, call: Call) -> tuple[httpx.Response, float]:
        """The response up to its body, and when its head had arrived."""
        answer = await self._transport.handle_async_request(_as_httpx(call.request, self._host))
        channel = self._backend.channel
        assert channel
        channel.head_ended()
        return answer, channel.arrived_at

    def _response(
        self, call: Call, answer: httpx.Response, answered_at: float, body: bytes, *, truncated: bool
    ) -> Response:
        channel = self._backend.channel
        assert channel
        return Response(
            url=call.request.url,
            status=answer.status_code,
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw),
            body=body,
            truncated=truncated,
            http_version=answer.http_version.removeprefix("HTTP/"),
            address="" if self._route.proxy else channel.address,
            reused=self._backend.reused,
            sent_at=channel.sent_at,
            answered_at=answered_at,
            elapsed_s=asyncio.get_running_loop().time() - call.began,
            certificate_ends=_certificate_ends(channel.get_extra_info("ssl_object")),
        )

    def _check(self, answer: httpx.Response, limits: Limits) -> None:
        if len(answer.headers.raw) > limits.header_count:
            raise Unreachable(f"{self._place}: more than {limits.header_count} header lines", trouble="too-large")
        if any(_CONTROL.intersection(text) for pair in answer.headers.raw for text in pair):  # h2 lets them through
            raise Unreachable(f"{self._place}: a header line is not valid HTTP", trouble="malformed")
        if answer.status_code not in _STATUSES:
            raise Unreachable(f"{self._place}: its status is not one of HTTP", trouble="malformed")

    def _check_body(self, answer: httpx.Response, body: bytes) -> None:
        route, status = self._route, answer.status_code
        if route.proxy and status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            raise failure.refused_by_proxy(self._place, route.proxy.place, str(status))
        problem = failure.misdirected(self._place, status, body, secure=route.origin.scheme == "https")
        if problem:
            raise problem

    def _broken(self, error: OSError, seconds: float) -> Unavailable:
        channel, proxy = self._backend.channel, self._backend.with_proxy
        if proxy:
            problem = failure.broken(proxy.place, error, seconds, self._backend.received)
            return failure.through_proxy(self._route.place(), problem)
        if channel and channel.sent_at:
            return failure.broken(self._place, error, seconds, self._backend.received)
        return failure.not_connected(self._place, error, seconds)

    def _explain(self, error: Exception, limits: Limits) -> Unreachable | UsageError:
        proxy = self._backend.with_proxy
        if proxy:
            return failure.refused_by_proxy(self._route.place(), proxy.place, str(error))
        match error:
            case coding.Bomb():
                what = f"its {error.coding} body expands to far more than {limits.body_bytes} bytes"
                return Unreachable(f"{self._place}: {what}", trouble="too-large")
            case coding.BrokenCoding():
                return Unreachable(f"{self._place}: its body is not {error.coding}, as it says", trouble="malformed")
            case httpcore.LocalProtocolError() if not self._backend.http2:  # h2 says so of the peer's frames, too
                return UsageError("the request is not valid HTTP")
        channel = self._backend.channel
        problem = failure.not_http(
            self._place,
            channel.opening if channel else b"",
            ended=not channel or channel.ended,
            http2=self._backend.http2,
        )
        if problem is None and isinstance(error, HeadTooLong):
            return Unreachable(f"{self._place}: headers over {limits.header_bytes} bytes", trouble="too-large")
        return problem or failure.unreadable(self._place, error, ended=not channel or channel.ended)


class Held:
    """A response whose connection stays open: a WebSocket after its handshake, or a body that does not end.

    Closing the connection ends it.

    Attributes:
        response: without its body.
    """

    def __init__(self, response: Response, source: httpx.Response | httpcore.AsyncNetworkStream) -> None:
        self.response = response
        self._stream = source if isinstance(source, httpcore.AsyncNetworkStream) else None
        self._pieces = source.aiter_raw() if isinstance(source, httpx.Response) else None

    async def read(self) -> bytes:
        """The next bytes; none where the other side has ended the connection, in peace or not."""
        try:
            if self._stream:
                return await self._stream.read(PIECE)
            assert self._pieces
            return await anext(self._pieces, b"")
        except (OSError, *_PARSER_FAULTS):
            return b""

    async def write(self, data: bytes) -> None:
        """Send bytes of the protocol that is now spoken."""
        assert self._stream
        await self._stream.write(data)


class _Common(TypedDict):
    """What every pool of httpcore is told."""

    ssl_context: ssl.SSLContext | None
    max_connections: int
    max_keepalive_connections: int
    http1: bool
    http2: bool
    network_backend: Backend


class _Transport(httpx.AsyncBaseTransport):
    """httpx over a pool of httpcore: `httpx.AsyncHTTPTransport` lets nobody choose the network."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; errors are those of httpcore and of the network."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=request.extensions["target"]
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer), extensions=dict(answer.extensions)
        )

    async def aclose(self) -> None:
        """Close the pool."""
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    """The body of a response, as httpcore hands it out."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        await self._answer.aclose()


def _pool(route: Route, contexts: Contexts, backend: Backend) -> httpcore.AsyncConnectionPool:
    """A pool of one connection, directly or through the proxy."""
    trust, proxy = route.trust, route.proxy
    common = _Common(
        ssl_context=contexts.of(trust) if route.origin.scheme == "https" else None,
        max_connections=1,
        max_keepalive_connections=1,
        http1=trust.http != "2",
        http2=trust.http != "1.1",
        network_backend=backend,
    )
    if proxy is None:
        return httpcore.AsyncConnectionPool(**common)
    url = httpcore.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port, target="/")
    login = (proxy.user.encode(), proxy.password.encode()) if proxy.user or proxy.password else None
    if proxy.is_socks:
        return httpcore.AsyncSOCKSProxy(url, login, **common)
    context = contexts.of(Trust(trust.ca, trust.verify, http="1.1")) if proxy.scheme == "https" else None
    return httpcore.AsyncHTTPProxy(url, login, proxy_ssl_context=context, **common)


def _certificate_ends(tls: ssl.SSLObject | None) -> float | None:
    """Until when the peer's certificate is valid, in unix seconds; Python shows only one that it has verified."""
    ends = (tls.getpeercert() or {}).get("notAfter") if tls else None
    if not isinstance(ends, str):
        return None
    from ssl import cert_time_to_seconds

    return float(cert_time_to_seconds(ends))


def _host(route: Route, names: Names) -> str:
    """The host that is asked for: through a proxy that passes bytes, the address where one is pinned."""
    if route.proxy is None or route.proxy.forwards(route.origin):
        return route.origin.host
    return next(iter(names.known(route)), route.origin.host)


def _as_httpx(request: Request, host: str) -> httpx.Request:
    """The request as it goes out: defaults come first, where the caller gives none."""
    target = split_url(request.url)
    given = {name.lower() for name, _ in request.headers}
    defaults = (
        ("Host", target.origin.host_header),
        ("User-Agent", _USER_AGENT),
        ("Accept-Encoding", coding.ACCEPTED),
    )
    headers = (*(pair for pair in defaults if pair[0].lower() not in given), *request.headers)
    return httpx.Request(
        request.method,
        str(replace(target.origin, host=host)),
        headers=[(name.encode("ascii"), _value_bytes(value)) for name, value in headers],
        content=request.body or None,
        extensions={"target": target.path.encode("ascii")},
    )


def _value_bytes(value: str) -> bytes:
    """Give back the very bytes of a value that was received (Latin-1); text of the user goes as UTF-8."""
    try:
        return value.strip(" \t").encode("latin-1")
    except UnicodeEncodeError:
        return value.strip(" \t").encode("utf-8", "replace")


async def _body(answer: httpx.Response, limit: int) -> bytes:
    """The body as it came, or a little more than its limit; none of a connection that now speaks something else."""
    body = bytearray()
    if answer.status_code == _SWITCHING_PROTOCOLS:
        return b""
    async with aclosing(cast("AsyncGenerator[bytes]", answer.aiter_raw())) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > limit:
                break
    return bytes(body)


def _decoded(raw: bytes, answer: httpx.Response, limit: int) -> tuple[bytes, bool]:
    """The body as it was meant, cut to its limit, and whether there is more."""
    body = coding.decode(raw[:limit], coding.codings(answer.headers.get("content-encoding", "")), limit)
    return body[:limit], len(raw) > limit or len(body) > limit
