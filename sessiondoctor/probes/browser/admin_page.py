"""Pages on which servers tell their state to administrators: within bounds, never followed.

Each is asked for without a login first. What its server names is answered (RFC 7235, section 2.1), Digest before Basic;
Basic is a password in the clear, which goes over plain http to this machine and to private networks only.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.browser.digest_login import authorization
from sessiondoctor.wire.address import is_ip, is_loopback, split_url
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.message import Headers, Limits, Request

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.wire.message import Response

PATIENCE_S = 5.0
LARGEST = 1024 * 1024
LOGIN = {401, 403}
_UNAUTHORIZED = 401
_BASIC = re.compile(r"(?:^|,)\s*basic(?:[\s,]|$)", re.IGNORECASE)
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A URL, and how to log in.

    Attributes:
        key: the key of the topology file that declares it, for hints.
    """

    url: str = field(repr=False)
    key: str
    user: str = ""
    password: str = field(default="", repr=False)
    extra: Headers = ()

    @classmethod
    def of(cls, url: str, key: str) -> Self:
        """The page of a URL that may hold user and password, which are not sent in it."""
        parts = urlsplit(url)
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
        return cls(bare, key, unquote(parts.username or ""), unquote(parts.password or ""))

    @property
    def place(self) -> str:
        """`host:port`."""
        return split_url(self.url).origin.authority

    @property
    def requests(self) -> int:
        """How many it takes at most: one more with a login."""
        return 2 if self.user or self.password else 1

    async def response(self, ctx: Context) -> Response:
        """What the server answers, after a login if it asks for one; whatever that is.

        Raises:
            Unreachable: it does not answer.
            Unavailable: it wants a password in the clear, over a network that others share.
        """
        ctx.redactor.hide(self.password)
        limits = Limits(connect_s=PATIENCE_S, total_s=PATIENCE_S, body_bytes=LARGEST)
        wire = ctx.wire.with_limits(limits)
        async with wire.connection(trust=Trust(ctx.topology.site.ca)) as connection:
            first = await wire.send(Request(self.url, headers=self.extra), connection=connection)
            if first.status != _UNAUTHORIZED or self.requests == 1:
                return first
            login = self._login(first, in_the_clear=ctx.topology.site.insecure)
            if not login:
                return first
            ctx.redactor.hide(login)
            headers = (*self.extra, ("Authorization", login))
            return await wire.send(Request(self.url, headers=headers), connection=connection)

    def _login(self, response: Response, *, in_the_clear: bool) -> str:
        """The value of Authorization that answers a response, as to Basic if it names no scheme; empty to unknown ones.

        Raises:
            Unavailable: it would be a password in the clear, over a network that others share.
        """
        challenges = response.all("www-authenticate")
        answers = (authorization(one, self.url, self.user, self.password) for one in challenges)
        if digest := next(filter(None, answers), ""):
            return digest
        if challenges and not any(_BASIC.search(one) for one in challenges):
            return ""
        if not (in_the_clear or self.url.startswith("https:") or _is_near(response.address, self.url)):
            hint = (
                "declare its https URL, or let it ask for Digest; site.insecure: true sends the password all the same"
            )
            raise Unavailable(f"{self.place} asks for a password in the clear over http; it was not sent", hint=hint)
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()

    async def fetch(self, ctx: Context) -> bytes:
        """The page's bytes.

        Raises:
            Unreachable: it does not answer.
            Unavailable: it does not let us in, or answers something else.
        """
        return self.accepted(await self.response(ctx))

    def accepted(self, response: Response) -> bytes:
        """The body of a response that is the page.

        Raises:
            Unavailable: it is none.
        """
        place, key = self.place, self.key
        if response.status in LOGIN:
            hint = f"write user and password into {key}: http://user:${{PASSWORD}}@host:port/..."
            raise Unavailable(f"{place} demands a login (status {response.status})", hint=hint)
        if response.status in _REDIRECTS:
            raise Unavailable(f"{place} redirects elsewhere", hint=f"declare the URL that it leads to as {key}")
        if response.status != 200:
            hint = f"is {key} the URL of its own state?"
            raise Unavailable(f"{place} answers with status {response.status}", hint=hint)
        if response.truncated:
            raise Unavailable(f"{place} sends more than {LARGEST >> 20} MiB")
        return response.body


def _is_near(peer: str, url: str) -> bool:
    """Whether a peer, `ip:port`, is this machine or in a private network; behind a proxy the host alone can tell."""
    host = peer.rpartition(":")[0].strip("[]") or split_url(url).origin.host
    return is_loopback(host) or (is_ip(host) and ip_address(host).is_private)
