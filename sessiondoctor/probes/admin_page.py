"""Pages on which servers tell their state to administrators: fetched with a login, within bounds, never followed."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from sessiondoctor.errors import Unavailable
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.message import Headers, Limits, Request

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.wire.message import Response

PATIENCE_S = 5.0
LARGEST = 1024 * 1024
LOGIN = {401, 403}
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
    def headers(self) -> Headers:
        """What the product asks for, and the login (RFC 7617), if there is one."""
        if not (self.user or self.password):
            return self.extra
        login = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return (*self.extra, ("Authorization", f"Basic {login}"))

    async def response(self, ctx: Context, headers: Headers) -> Response:
        """What the server answers to a request with these headers, whatever that is.

        Raises:
            Unreachable: it does not answer.
        """
        for secret in (self.password, *(value for _, value in headers)):
            ctx.redactor.hide(secret)
        limits = Limits(connect_s=PATIENCE_S, total_s=PATIENCE_S, body_bytes=LARGEST)
        wire = ctx.wire.with_limits(limits)
        return await wire.send(Request(self.url, headers=headers), trust=Trust(ctx.topology.site.ca))

    async def fetch(self, ctx: Context) -> bytes:
        """The page's bytes.

        Raises:
            Unreachable: it does not answer.
            Unavailable: it does not let us in, or answers something else.
        """
        return self.accepted(await self.response(ctx, self.headers))

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
