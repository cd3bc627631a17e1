from __future__ import annotations

import asyncio
import socket
import time

import pytest

from sessiondoctor.errors import Unavailable, Unreachable, UsageError
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits, Request, Response
from sessiondoctor.wire.pace import Pace
from tests.fakes.serving import serve, wire

NOWHERE = "192.0.2.1"  # RFC 5737: documentation only


def named(addresses: dict[str, tuple[str, ...]], *, total_s: float = 2) -> Wire:
    """Return a client that knows the addresses of these names."""
    return Wire(limits=Limits(connect_s=total_s, total_s=total_s), pace=Pace(0), resolve=addresses)


def unused_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_source_address_is_where_the_connection_comes_from() -> None:
    """The server sees the local address that was asked for."""

    async def run() -> None:
        async with serve() as server, wire() as client:
            await client.send(Request(server.url), source="127.0.1.1")
            async with client.connection(source="127.0.1.2") as connection:
                await client.send(Request(server.url), connection=connection)
            await client.send(Request(server.url))
        assert server.peers == ["127.0.1.1", "127.0.1.2", "127.0.0.1"]

    asyncio.run(run())


def test_a_source_address_that_is_not_ours_is_our_problem() -> None:
    """It is no fault of the server, so not `Unreachable`."""

    async def run() -> None:
        async with serve() as server, wire() as client:
            with pytest.raises(Unavailable, match="from here: cannot assign requested address") as caught:
                await client.send(Request(server.url), source=NOWHERE)
        assert not isinstance(caught.value, Unreachable)

    asyncio.run(run())


def test_a_source_of_another_family_cannot_reach() -> None:
    """An IPv6 source finds no IPv6 address of an IPv4 server."""

    async def run() -> None:
        async with wire() as client:
            with pytest.raises(Unavailable, match=r"has no address that ::1 can connect to"):
                await client.send(Request("http://127.0.0.1:9/"), source="::1")

    asyncio.run(run())


def test_a_pinned_address_takes_the_place_of_the_lookup() -> None:
    """The connection goes to the address; the Host header still names the site."""

    async def run() -> Response:
        async with serve(host="127.0.0.2") as server, wire() as client:
            url = f"http://shop.example:{server.port}/"
            response = await client.send(Request(url), address="127.0.0.2")
            assert f"Host: shop.example:{server.port}".encode() in server.requests[0]
            assert response.address == f"127.0.0.2:{server.port}"
            return response

    assert asyncio.run(run()).status == 200


def test_the_address_of_a_connection_can_be_overridden_for_one_request() -> None:
    """What is given to `send` comes before what the connection was made with."""

    async def run() -> None:
        async with serve(host="127.0.0.2") as server, wire() as client:
            connection = client.connection(address="127.0.0.3")
            request = Request(f"http://shop.example:{server.port}/")
            with pytest.raises(Unreachable):
                await client.send(request, connection=connection)
            assert (await client.send(request, connection=connection, address="127.0.0.2")).status == 200

    asyncio.run(run())


@pytest.mark.parametrize("address", ["shop.example", "127.0.0.1:80", "[::1]", "1.2.3", "\x1b[31m"])
def test_only_an_ip_address_can_be_pinned(address: str) -> None:
    """A name would be looked up by the system behind our back."""

    async def run() -> None:
        async with wire() as client:
            with pytest.raises(UsageError, match="is not an IP address") as caught:
                await client.send(Request("http://127.0.0.1/"), address=address)
        assert str(caught.value).isprintable()

    asyncio.run(run())


def test_given_addresses_are_tried_in_turn() -> None:
    """The first that refuses does not end it."""

    async def run() -> None:
        async with serve(host="127.0.0.2") as server, named({"Shop.Example": ("127.0.0.3", "127.0.0.2")}) as client:
            response = await client.send(Request(f"http://shop.example:{server.port}/"))
        assert response.address == f"127.0.0.2:{server.port}"

    asyncio.run(run())


def test_ipv6_is_spoken() -> None:
    """An address in brackets works as a host."""

    async def run() -> None:
        async with serve(host="::1") as server, wire() as client:
            response = await client.send(Request(server.url))
        assert response.address == f"[::1]:{server.port}"
        assert f"Host: [::1]:{server.port}".encode() in server.requests[0]

    asyncio.run(run())


def test_a_refused_connection_is_told_as_such() -> None:
    """The line names host, port and address; the trouble is `refused`."""

    async def run() -> None:
        port = unused_port()
        async with named({"shop.example": ("127.0.0.1",)}) as client:
            with pytest.raises(Unreachable) as caught:
                await client.send(Request(f"http://shop.example:{port}/?token=SECRET"))
        assert str(caught.value) == f"shop.example:{port} (127.0.0.1): connection refused"
        assert caught.value.trouble == "refused"

    asyncio.run(run())


def test_an_address_that_does_not_answer_takes_no_more_than_its_time() -> None:
    """A listener whose queue is full drops the attempt: `timeout` within the limit."""

    async def run() -> None:
        with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            for filler in (first, second):
                filler.setblocking(False)  # noqa: FBT003 - the socket module's own
                filler.connect_ex(deaf.getsockname())
            began = time.perf_counter()
            async with named({}, total_s=0.1) as client:
                with pytest.raises(Unreachable, match=r"no connection within 0\.1 s") as caught:
                    await client.send(Request(f"http://127.0.0.1:{deaf.getsockname()[1]}/"))
            assert caught.value.trouble == "timeout"
            assert time.perf_counter() - began < 3

    asyncio.run(run())


def test_a_name_without_addresses_is_trouble_with_dns() -> None:
    """The reason is the lookup's; the text is one line."""

    async def nothing(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def run() -> None:
        async with Wire(limits=Limits(), pace=Pace(0), lookup=nothing) as client:
            with pytest.raises(Unreachable, match="the name was not found: name or service") as caught:
                await client.send(Request("http://shop.example/"))
        assert caught.value.trouble == "dns"

    asyncio.run(run())


def test_a_lookup_that_does_not_answer_takes_no_more_than_its_time() -> None:
    """The limit of connecting covers the lookup."""

    async def silence(_host: str, _port: int) -> tuple[str, ...]:
        await asyncio.Event().wait()
        return ()

    async def run() -> None:
        async with Wire(limits=Limits(connect_s=0.05), pace=Pace(0), lookup=silence) as client:
            with pytest.raises(Unreachable, match="the lookup did not answer in time") as caught:
                await client.send(Request("http://shop.example/"))
        assert caught.value.trouble == "dns"

    asyncio.run(run())


def test_the_system_knows_localhost() -> None:
    """Without anything given, the system's lookup is asked."""

    async def run() -> None:
        async with serve() as server, wire() as client:
            assert (await client.send(Request(f"http://localhost:{server.port}/"))).status == 200

    asyncio.run(run())
