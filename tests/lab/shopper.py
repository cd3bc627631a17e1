"""A naive user: one browser, one cart. No code of the tool, so that it can prove what the tool must find."""

from __future__ import annotations

import re
import secrets
import ssl
from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from tests.lab.cluster import Cluster

_FIELD = re.compile(r'name="?(csrf\w*)"? value="?([\w-]+)')

_SEAL = re.compile(r"\.n[0-9a-f]{10}$")
OF_BUSY_SITES = frozenset({"XSRF-TOKEN", "visitor"})
"""Cookies that have nothing to do with the session (apps/veil.py)."""

TOKEN_HEADER = "X-Auth-Token"
"""What some applications use in place of a cookie; every client of theirs sends it back."""

COOKIE_BYTES = 4096
"""What a browser stores at most: name and value together, RFC 6265bis section 5.7."""


class Shopper:
    """Puts things into a cart and looks whether they are still there, with a browser's cookie rules."""

    def __init__(self, cluster: Cluster, url: str = "") -> None:
        self._site = (url or cluster.site).rstrip("/")
        # A connection for each request: Express closes one under the next request when it could not save a session.
        transport = _ToLoopback(verify=_trust(cluster), limits=httpx.Limits(max_keepalive_connections=0))
        self._client = httpx.Client(transport=transport, timeout=15)
        self._members_only = cluster.members_only
        self._seen: set[str] = set()
        self.lines: list[str] = []
        self.last_status = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def adds(self) -> str:
        """Put something new into the cart, signed in where that must be; returns what."""
        if self._members_only:
            self.signs_in()
        item = f"naive-{secrets.token_hex(8)}"
        self._seen.add(item)
        self._keep_cookies(self._client.post(f"{self._site}/cart", data={"item": item}))
        return item

    def takes_over(self, other: Shopper) -> None:
        """Go on with the cookies of another browser."""
        self._client.cookies.update(other._client.cookies)
        self._seen |= other._seen

    def sees(self, item: str) -> bool:
        """Whether the cart shows it."""
        response = self._client.get(f"{self._site}/cart")
        self._keep_cookies(response)
        return response.is_success and item in response.text

    def signs_in(self) -> None:
        """Log in under a new name."""
        name = f"naive-{secrets.token_hex(8)}"
        self._seen.add(name)
        if not self._members_only:
            self._keep_cookies(self._client.post(f"{self._site}/login", data={"user": name}))
            return
        page = self._client.get(f"{self._site}/signin")
        self._keep_cookies(page)
        self._keep_cookies(self._client.post(f"{self._site}/signin", data=filled_in(page.text, name)))

    def is_signed_in(self) -> bool:
        """Whether the account page takes this browser for logged in."""
        response = self._client.get(f"{self._site}/account")
        self._keep_cookies(response)
        return response.is_success and "Sign out" in response.text

    def pays(self) -> bool:
        """Open the form and send it with its token; whether it is taken."""
        page = self._client.get(f"{self._site}/pay")
        self._keep_cookies(page)
        field = _FIELD.search(page.text)
        assert field, "there is no form with a token"
        name, token = field.groups()
        self._seen.add(token)
        response = self._client.post(f"{self._site}/pay", data={name: token})
        self._keep_cookies(response)
        return response.is_success

    def front_page(self) -> httpx.Response:
        """The page without a session."""
        return self._client.get(f"{self._site}/")

    def holds_cookies(self) -> bool:
        """Whether the browser keeps any cookie."""
        return bool(self.cookies())

    def cookies(self) -> frozenset[tuple[str, str]]:
        """Names and values of what the browser keeps, but for what a busy site gives everybody."""
        kept = (cookie for cookie in self._client.cookies.jar if cookie.name not in OF_BUSY_SITES)
        return frozenset((cookie.name, _SEAL.sub("", cookie.value or "")) for cookie in kept)

    def traces(self) -> frozenset[str]:
        """What would give this session away: items, cookie values, and the long parts of cookie values."""
        return frozenset(self._seen)

    def _keep_cookies(self, response: httpx.Response) -> None:
        self.last_status = response.status_code
        if token := response.headers.get(TOKEN_HEADER):
            self._seen |= _telling(token)
            self._client.headers[TOKEN_HEADER] = token
        for cookie in response.cookies.jar:
            value = cookie.value or ""
            self._seen |= _telling(value)
            if len(cookie.name) + len(value) > COOKIE_BYTES:
                self._client.cookies.delete(cookie.name)
        lines = response.headers.get_list("Set-Cookie")
        self.lines += [line for line in lines if line.partition("=")[0] not in OF_BUSY_SITES]
        for line in response.headers.get_list("Set-Cookie"):
            name, *attributes = _words(line)
            if "samesite=none" in attributes and "secure" not in attributes:
                self._client.cookies.delete(name)


def filled_in(page: str, name: str) -> dict[str, str]:
    """The form of the first of two steps, filled in: what somebody sends who is called that."""
    token = _FIELD.search(page)
    return {"user": name, **({token[1]: token[2]} if token else {})}


def _words(line: str) -> list[str]:
    """The name of the cookie that a Set-Cookie line sets, then its attributes in lower case."""
    pair, *attributes = line.split(";")
    return [pair.partition("=")[0], *(attribute.strip().lower() for attribute in attributes)]


def _telling(cookie: str) -> set[str]:
    """A cookie's value and its parts (id, signature, payload), where they are long enough to be secrets."""
    plain = unquote(cookie)
    parts = [cookie, plain, *plain.removeprefix("s:").replace("~", ".").split(".")]
    return {part for part in parts if len(part) >= 16}


def _trust(cluster: Cluster) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=str(cluster.ca)) if cluster.ca else False


class _ToLoopback(httpx.HTTPTransport):
    """Connects to 127.0.0.1 whatever the URL's host, as a name server of the laboratory would say."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host="127.0.0.1"),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )
