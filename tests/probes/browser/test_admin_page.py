"""Who gets the login of a status page: who asks for it, and nobody who would let others read it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.browser.admin_page import AdminPage
from sessiondoctor.topology.model import Site
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Request, Response
from tests.fakes.peers import context, topology

if TYPE_CHECKING:
    from collections.abc import Sequence

BASIC = (("WWW-Authenticate", 'Basic realm="x"'),)
DIGEST = (("WWW-Authenticate", 'Digest realm="x", nonce="n"'),)
NEAR, FAR = "10.0.0.5:9000", "93.184.215.14:9000"


class Asked(Wire):
    """A server that says 401 to everybody, at an address."""

    def __init__(self, address: str, challenges: Sequence[tuple[str, str]]) -> None:
        self.address = address
        self.challenges = tuple(challenges)
        self.sent: list[Request] = []

    def with_limits(self, limits: Any) -> Wire:  # noqa: ARG002 - as the real one
        """Itself."""
        return self

    def connection(self, **_: Any) -> Any:
        """Nothing that needs to be open."""
        return asyncio.Lock()

    async def send(self, request: Request, **_: Any) -> Response:
        """The same for everybody."""
        self.sent.append(request)
        about: dict[str, Any] = {"truncated": False, "http_version": "1.1", "reused": False}
        times: dict[str, Any] = {"sent_at": 0.0, "answered_at": 0.0, "elapsed_s": 0.0}
        return Response(request.url, 401, self.challenges, b"", address=self.address, **about, **times)


def schemes(url: str, address: str, *challenges: tuple[str, str], insecure: bool = False) -> list[str]:
    """The schemes of what was sent in Authorization."""
    wire = Asked(address, challenges)
    of = topology(site=Site("http://shop.test/", insecure=insecure))
    asyncio.run(AdminPage.of(url, "stats").response(replace(context(of), wire=wire)))
    sent = (value for request in wire.sent for name, value in request.headers if name == "Authorization")
    return [value.partition(" ")[0] for value in sent]


URL = "http://doctor:s3cret@status.test:9000/"


@pytest.mark.parametrize(
    ("url", "address", "challenges", "sent"),
    [
        (URL, NEAR, BASIC, ["Basic"]),
        (URL, NEAR, (), ["Basic"]),
        (URL, "[fd00::5]:9000", BASIC, ["Basic"]),
        (URL, NEAR, (*BASIC, *DIGEST), ["Digest"]),
        (URL, FAR, (*BASIC, *DIGEST), ["Digest"]),
        (URL, FAR, (("WWW-Authenticate", "Negotiate"),), []),
        (URL, NEAR, (("WWW-Authenticate", 'Digest nonce="n", algorithm=MD5-sess'),), []),
        (URL.replace("http:", "https:"), FAR, BASIC, ["Basic"]),
        ("http://status.test:9000/", NEAR, BASIC, []),
        (URL.replace("status.test", "127.0.0.1"), "", BASIC, ["Basic"]),
    ],
)
def test_what_is_sent(url: str, address: str, challenges: Sequence[tuple[str, str]], sent: list[str]) -> None:
    """The best of what the server names; an address is unknown behind a proxy."""
    assert schemes(url, address, *challenges) == sent


@pytest.mark.parametrize("address", [FAR, "", "[2001:4860::5]:9000"])
@pytest.mark.parametrize("challenges", [BASIC, ()])
def test_no_password_in_the_clear_over_a_public_network(address: str, challenges: Sequence[tuple[str, str]]) -> None:
    """The reason says so, and what to do; asked to, it is sent."""
    with pytest.raises(Unavailable, match="in the clear over http; it was not sent") as caught:
        schemes(URL, address, *challenges)
    assert "https" in caught.value.hint
    assert "s3cret" not in f"{caught.value!r} {caught.value.hint}"
    assert schemes(URL, address, *challenges, insecure=True) == ["Basic"]
