"""Through which proxy a request goes: the declared one, else the one that the usual environment variables name."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sessiondoctor.errors import UsageError
from sessiondoctor.wire.address import bracketed, host_name, is_loopback

if TYPE_CHECKING:
    from sessiondoctor.wire.address import Origin

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy, spoken to with or without TLS, or a SOCKS proxy of version 5, which finds the names itself."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """`host:port`."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS."""
        return self.scheme.startswith("socks")

    @property
    def login(self) -> tuple[str, str] | None:
        """User and password, if there are any."""
        return (self.user, self.password) if self.user or self.password else None

    def forwards(self, origin: Origin) -> bool:
        """Whether it reads the requests to this origin, and does not only pass bytes."""
        return origin.scheme == "http" and not self.is_socks


def read_proxy(url: str) -> Proxy:
    """Take the URL of a proxy apart; one without a scheme speaks HTTP, as with curl.

    Raises:
        UsageError: it is no such URL; it is not quoted, because it may hold a password.
    """
    with suppress(ValueError, UsageError):
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or _PORTS.get(parts.scheme, 0)
        if port and parts.hostname:
            login = (unquote(parts.username or ""), unquote(parts.password or ""))
            return Proxy(parts.scheme, host_name(parts.hostname), port, *login)
    raise UsageError(f"expected the URL of a proxy, such as http://proxy:3128; schemes are {', '.join(_PORTS)}")


class Proxies:
    """Chooses the proxy of each origin.

    NO_PROXY has its say in either case. What the environment names is not used for this machine itself.

    Args:
        declared: the URL of the proxy of all requests; empty to let the environment decide.
    """

    def __init__(self, declared: str = "") -> None:
        self._declared = read_proxy(declared) if declared else None

    def of(self, origin: Origin) -> Proxy | None:
        """The proxy of an origin; None to connect directly.

        Raises:
            UsageError: the environment names no usable one.
        """
        if self._is_exempt(origin):
            return None
        if self._declared or is_loopback(origin.host):
            return self._declared
        url = self._environment.get(origin.scheme) or self._environment.get("all")
        return _of_environment(url) if url else None

    @cached_property
    def _environment(self) -> dict[str, str]:
        """URLs by scheme; `all` of every scheme, and `no` whom not to ask through a proxy."""
        from urllib.request import getproxies  # loads half of the standard library's HTTP

        return getproxies()

    def _is_exempt(self, origin: Origin) -> bool:
        from urllib.request import proxy_bypass

        listed = self._environment.get("no", "")
        if not listed:
            return False
        by_name = any(proxy_bypass(host) for host in (origin.host, origin.authority))
        return by_name or any(_within(origin.host, entry.strip()) for entry in listed.split(","))


def _of_environment(url: str) -> Proxy:
    try:
        return read_proxy(url)
    except UsageError as error:
        raise UsageError(f"the proxy in the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY): {error}") from None


def _within(host: str, network: str) -> bool:
    """Whether an address lies in a network such as 10.0.0.0/8, which urllib does not know."""
    try:
        return "/" in network and ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False
