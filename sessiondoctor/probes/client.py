"""A throw-away client: a cookie jar, the headers of its target, and redirects as a browser follows them."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unreachable
from sessiondoctor.probes.flow import Outgoing, fill, objection, take
from sessiondoctor.wire.address import join, split_url
from sessiondoctor.wire.client import Trust, Wire
from sessiondoctor.wire.message import Request, Response
from sessiondoctor.wire.redirect import follow, redirected_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.formats.jar import Jar
    from sessiondoctor.topology.model import Step


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go: the public entry, or one node."""

    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    trust: Trust = field(default_factory=Trust)
    hops: int = 5

    @property
    def authority(self) -> str:
        """host:port."""
        return split_url(self.url).origin.authority


@dataclass(frozen=True, slots=True)
class Setting:
    """One Set-Cookie header as it came, and what the jar made of it."""

    header: str
    url: str
    refused: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one step came to: the last response, all cookies set on the way, and why it is not as wanted."""

    response: Response | None
    settings: tuple[Setting, ...] = ()
    redirects: tuple[str, ...] = ()
    trouble: str = ""
    refused: bool = False


class Client:
    """One visitor. `marker` is unique; what a flow extracts stays in `values`."""

    def __init__(self, wire: Wire, target: Target, jar: Jar) -> None:
        self.jar = jar
        self.values: dict[str, str] = {"marker": f"sd{secrets.token_hex(6)}"}
        self._wire = wire
        self._target = target

    def at(self, target: Target) -> Client:
        """The same visitor, jar and values, at another target."""
        client = Client(self._wire, target, self.jar)
        client.values = self.values
        return client

    async def steps(self, steps: tuple[Step, ...]) -> Turn:
        """Runs steps in order, ends at the first that is not as wanted; without steps, opens the URL itself."""
        settings: tuple[Setting, ...] = ()
        turn = Turn(None)
        if not steps:
            return await self.open()
        for step in steps:
            turn = await self._go(fill(step, self.values))
            settings += turn.settings
            if turn.response is None:
                break
            self.values |= take(step.extract, turn.response, self._cookies())
            trouble = objection(step, turn.response, self.values)
            if trouble:
                return Turn(turn.response, settings, turn.redirects, trouble)
        return Turn(turn.response, settings, turn.redirects, turn.trouble, turn.refused)

    async def open(self) -> Turn:
        """A plain GET of the target's URL."""
        return await self._go(Outgoing("GET", "", (), b""))

    async def _go(self, outgoing: Outgoing) -> Turn:
        url = join(self._target.url, "." + outgoing.path if outgoing.path else "")
        request = Request(url, outgoing.method, (*self._target.headers, *outgoing.headers), outgoing.body)
        settings: list[Setting] = []

        async def send(one: Request) -> Response:
            response = await self._wire.send(self._with_cookies(one), trust=self._target.trust)
            settings.extend(self._stored(response))
            return response

        try:
            responses = await follow(send, request, self._wire.limits)
        except Unreachable as error:
            return Turn(None, tuple(settings), (), error.reason, error.trouble in {"refused", "closed"})
        redirects = tuple(filter(None, (redirected_to(response) for response in responses)))
        return Turn(responses[-1], tuple(settings), redirects)

    def _with_cookies(self, request: Request) -> Request:
        header = self.jar.header_for(request.url, time.time())
        return replace(request, headers=(*request.headers, ("cookie", header))) if header else request

    def _stored(self, response: Response) -> list[Setting]:
        now = time.time()
        return [
            Setting(header, response.url, self.jar.store(header, response.url, now).reason)
            for header in response.all("set-cookie")
        ]

    def _cookies(self) -> Mapping[str, str]:
        return {cookie.name: cookie.value for cookie in self.jar.all()}
