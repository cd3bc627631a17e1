from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unreachable, UsageError
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.message import Request, Response
from tests.fakes.certificates import Authority, authority
from tests.fakes.hostile_servers import zoo
from tests.fakes.serving import Server, serve, wire

if TYPE_CHECKING:
    import ssl
    from pathlib import Path


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return an authority of our own."""
    return authority(tmp_path_factory.mktemp("authority"))


async def ask(server: Server, trust: Trust, url: str = "", host: str = "") -> Response:
    """Send one request to the server; `url` and the Host header may name it otherwise."""
    headers = (("Host", host),) if host else ()
    async with wire() as client:
        return await client.send(Request(url or server.url, headers=headers), address="127.0.0.1", trust=trust)


def outcome(
    tls: ssl.SSLContext, trust: Trust, url: str = "https://127.0.0.1", host: str = ""
) -> Response | Unreachable:
    """Return how one request to a server with this certificate ends."""

    async def run() -> Response | Unreachable:
        async with serve(tls=tls) as server:
            try:
                return await ask(server, trust, f"{url}:{server.port}/?SECRET", host)
            except Unreachable as error:
                return error

    return asyncio.run(run())


def refused(
    tls: ssl.SSLContext, trust: Trust, url: str = "https://127.0.0.1", trouble: str = "certificate"
) -> Unreachable:
    """Return the error, which has the right trouble and shows nothing of the URL but the place."""
    error = outcome(tls, trust, url)
    assert isinstance(error, Unreachable), error
    assert error.trouble == trouble
    assert "SECRET" not in str(error)
    return error


def test_an_authority_of_ones_own_can_be_trusted(own: Authority) -> None:
    """By IP address and by name."""
    good = own.good()
    for url in ("https://127.0.0.1", "https://shop.example"):
        answer = outcome(good, Trust(ca=own.ca), url)
        assert isinstance(answer, Response), answer
        assert answer.body == b"ok"


def test_connections_with_tls_are_reused(own: Authority) -> None:
    """Keep-alive is the same with TLS."""

    async def run() -> None:
        async with (
            serve(tls=own.good()) as server,
            wire() as client,
            client.connection(trust=Trust(ca=own.ca)) as connection,
        ):
            reused = [(await client.send(Request(server.url), connection=connection)).reused for _ in range(2)]
        assert reused == [False, True]

    asyncio.run(run())


def test_the_systems_authorities_do_not_know_ours(own: Authority) -> None:
    """The error says so, and what to do."""
    error = refused(own.good(), Trust(), trouble="unknown-authority")
    assert str(error).endswith("its certificate was issued by an unknown authority")
    assert error.hint == "name the authority's certificate file: --cacert FILE, or `ca` in the topology"


def test_an_expired_certificate_is_named_so(own: Authority) -> None:
    """Not just `certificate verify failed`."""
    assert str(refused(own.expired(), Trust(ca=own.ca))).endswith("its certificate has expired")


def test_a_certificate_of_the_future_is_named_so(own: Authority) -> None:
    """Our clock or theirs is wrong."""
    assert str(refused(own.not_yet_valid(), Trust(ca=own.ca))).endswith("its certificate is not valid yet")


def test_a_certificate_for_another_host_is_named_so(own: Authority) -> None:
    """A name and an address are told apart."""
    tls = own.for_another_host()
    by_name = refused(tls, Trust(ca=own.ca), "https://shop.example")
    assert str(by_name).endswith("its certificate is for another host name")
    assert str(refused(tls, Trust(ca=own.ca))).endswith("its certificate is for another IP address")


def test_a_self_signed_certificate_is_named_so(own: Authority) -> None:
    """The hint is to trust that very certificate."""
    error = refused(own.self_signed(), Trust(ca=own.ca), trouble="unknown-authority")
    assert str(error).endswith("its certificate is self-signed")
    assert error.hint == "name this certificate's file: --cacert FILE, or `ca` in the topology"


def test_without_verification_every_certificate_will_do(own: Authority) -> None:
    """Only where the user asked for it."""
    for tls in (own.expired(), own.for_another_host(), own.self_signed()):
        assert isinstance(outcome(tls, Trust(verify=False)), Response)


def test_the_certificate_is_checked_against_the_host_header(own: Authority) -> None:
    """A node asked by its address under the site's name must be the site."""
    answer = outcome(own.good(), Trust(ca=own.ca), "https://node-1.example", host="shop.example")
    assert isinstance(answer, Response), answer
    wrong = outcome(own.good(), Trust(ca=own.ca), "https://127.0.0.1", host="node-1.example")
    assert isinstance(wrong, Unreachable)
    assert str(wrong).endswith("its certificate is for another host name")


def test_plain_text_where_tls_is_spoken(own: Authority) -> None:
    """The server closes or answers in TLS; either way it is one line, not a traceback."""

    async def run() -> Unreachable:
        async with serve(tls=own.good()) as server:
            with pytest.raises(Unreachable) as caught:
                await ask(server, Trust(), f"http://127.0.0.1:{server.port}/")
            return caught.value

    assert asyncio.run(run()).trouble in {"closed", "malformed"}


def test_tls_where_plain_text_is_spoken() -> None:
    """The hint is the other scheme."""

    async def run() -> Unreachable:
        async with zoo() as urls, wire() as client:
            with pytest.raises(Unreachable) as caught:
                await client.send(Request(urls["plain-to-tls"]), trust=Trust(verify=False))
            return caught.value

    error = asyncio.run(run())
    assert (error.trouble, error.hint) == ("tls", "try http:// instead of https://")


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file"), ("no certificate", "no certificates in PEM form")]
)
def test_a_file_without_certificates_is_a_wrong_option(content: str | None, why: str, tmp_path: Path) -> None:
    """It is the user's mistake, named with the file, before anything is sent."""
    ca = tmp_path / "ca.pem"
    if content is not None:
        ca.write_text(content)

    async def run() -> None:
        async with wire() as client:
            with pytest.raises(UsageError, match=why):
                await client.send(Request("https://127.0.0.1:9/"), trust=Trust(ca=str(ca)))

    asyncio.run(run())
