"""One request and its response, as a capture shows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sessiondoctor.wire.message import Headers

NOWHERE = "the-site.invalid"
"""The host of a response of which nobody says where it came from (RFC 6761, 6.4)."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request with its response; what the capture does not show is empty.

    Attributes:
        url: with `NOWHERE` as host where it is not known.
        status: 0 where it is not known.
        at: unix seconds; 0.0 where it is not known.
        place: the paste's own word for where the response was seen, such as `prod`.
        file, line: where the exchange begins; empty and 0 where a format has no lines.
        client: whose it is: exchanges of one browser have the same; empty if only cookies tell.
    """

    url: str
    method: str = "GET"
    sent: Headers = field(default=(), repr=False)
    status: int = 0
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    at: float = 0.0
    client: str = ""
    address: str = ""
    place: str = ""
    file: str = ""
    line: int = 0

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a response header."""
        return tuple(value for key, value in self.headers if key.lower() == name)

    @property
    def cookie_header(self) -> str:
        """What the request sent as Cookie."""
        return "; ".join(value for key, value in self.sent if key.lower() == "cookie")
