"""No secret of a request or a response gets into anything that may be shown."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from sessiondoctor.errors import SessionDoctorError
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.message import Request, Response
from tests.fakes.hostile_servers import zoo
from tests.fakes.serving import serve, wire

SECRET = "s3cr3t"


def secretive(url: str) -> Request:
    """Return a request with a secret wherever one can be."""
    headers = (("Cookie", f"sid={SECRET}"), ("Authorization", f"Bearer {SECRET}"))
    return Request(f"{url};jsessionid={SECRET}?token={SECRET}#{SECRET}", "POST", headers, f"csrf={SECRET}".encode())


def shown(error: SessionDoctorError) -> str:
    """Return all that can be seen of an error, with its causes but without lines of source."""
    chain = traceback.TracebackException.from_exception(error, lookup_lines=False)
    return f"{error!r} {getattr(error, 'hint', '')} {''.join(chain.format_exception_only())} {error.__cause__!r}"


@pytest.mark.parametrize(
    "url",
    [
        f"http://user:{SECRET}@shop.example/",
        f"http://{SECRET}@shop.example/",
        f"http://shop.example:{SECRET}@evil.example/",
        f"http://user:{SECRET}@[::1",
        f"http://user:{SECRET}/@shop.example/",
        f"gopher://shop.example/{SECRET}",
        f"http://shop.example/\r\n{SECRET}",
        f"//user:{SECRET}@shop.example",
        f"mailto:{SECRET}@shop.example",
    ],
)
def test_a_url_that_is_refused_is_not_quoted(url: str) -> None:
    """User names, passwords, paths and queries stay out of the message."""

    async def run() -> SessionDoctorError:
        async with wire() as client:
            with pytest.raises(SessionDoctorError) as caught:
                await client.send(Request(url))
            return caught.value

    assert SECRET not in shown(asyncio.run(run()))


def test_no_failure_shows_what_was_sent() -> None:
    """All animals of the zoo but the patient ones, each with a request full of secrets."""

    async def visit(url: str) -> str:
        async with wire(total_s=0.2) as client:
            try:
                return repr(await client.send(secretive(url), trust=Trust(verify=False)))
            except SessionDoctorError as error:
                return shown(error)

    async def run() -> list[str]:
        async with zoo() as urls:
            visited = [url for name, url in urls.items() if not name.startswith(("endless", "slow", "tiny"))]
            return await asyncio.gather(*map(visit, visited))

    everything = asyncio.run(run())
    assert len(everything) > 30
    assert [text for text in everything if SECRET in text] == []


def test_no_repr_on_the_way_shows_what_was_sent() -> None:
    """Neither the client nor a connection that is open."""

    async def run() -> tuple[Response, str]:
        async with serve() as server, wire() as client, client.connection() as connection:
            response = await client.send(secretive(server.url), connection=connection)
            return response, f"{client!r} {connection!r} {connection._line!r} {connection._route!r}"

    response, text = asyncio.run(run())
    assert SECRET not in text + repr(response)
