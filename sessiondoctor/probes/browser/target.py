"""Where a client's requests go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sessiondoctor.probes.browser.cookie_names import Address
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.message import Headers


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go: the public entry, or one node.

    Attributes:
        url: flow paths are added to it.
        requests: how many redirects of one step are followed.
        entry_points: further host:port of this target, to which redirects are followed too.
        origin: what a browser says in Origin; empty to send none.
        address: the IP address to connect to, in the place of those of the host.
        source: the local IP address to connect from.
        public: scheme://host:port under which browsers know it, if that is not the URL's own; decides about cookies.
    """

    url: str
    headers: Headers = field(default=(), repr=False)
    trust: Trust = field(default_factory=Trust)
    redirects: int = 5
    entry_points: frozenset[str] = frozenset()
    origin: str = ""
    address: str = ""
    source: str = ""
    public: str = ""

    @property
    def authority(self) -> str:
        """host:port."""
        return split_url(self.url).origin.authority

    @property
    def believed(self) -> Address:
        """Where the server believes that it is asked."""
        return Address.of(self.url, self.headers)

    def seen(self, url: str) -> str:
        """A URL of this target as browsers know it."""
        return f"{self.public}{split_url(url).path}" if self.public else url

    def moved_to(self, url: str) -> Target:
        """The target at the scheme, host and port of `url`, to which it redirected; its path stays."""
        here, there = split_url(self.url), split_url(url).origin
        if here.origin == there:
            return self
        entry_points = self.entry_points | {here.origin.authority}
        return replace(
            self, url=f"{there}{here.path}", entry_points=entry_points, origin=str(there) if self.origin else ""
        )
