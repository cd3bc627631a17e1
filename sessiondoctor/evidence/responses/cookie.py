"""One cookie as a server set it and as a browser treats it; part of other evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["session", "affinity", "csrf", "other"]


@dataclass(frozen=True, slots=True)
class Cookie:
    """A Set-Cookie, without its value.

    Attributes:
        role: what it is for; one cookie that does both jobs (JSESSIONID with a route) is `session` and has a `route`.
        product: the framework or balancer that makes such cookies (`express-session`, `haproxy` ...), or `unknown`.
        token: stands for the value: equal within one run where the values are equal. For a session cookie it
            stands for the id without its route.
        size: bytes of name and value together.
        domain: empty for a host-only cookie.
        lifetime_s: seconds it lives from when it was set; None for a browser session cookie.
        refused: why a browser does not store it; empty if it does.
        withheld: why a browser does not send it back to the URL where the state is read; empty if it does.
        route: the jvmRoute, clone id or server prefix inside a session cookie.
        node: the node that an affinity cookie or route names; empty if that cannot be told.
        key_id: the Data Protection key id (an identifier, not a key).
        signed: a node with another key rejects it before any look-up.
        holds_state: the state itself is inside (client-side session).
        partitioned: inside other sites the browser keeps another one (CHIPS).
    """

    name: str
    role: Role
    product: str
    token: str
    size: int
    domain: str = ""
    path: str = "/"
    secure: bool = False
    http_only: bool = False
    same_site: str = ""
    lifetime_s: float | None = None
    refused: str = ""
    withheld: str = ""
    route: str = ""
    node: str = ""
    key_id: str = ""
    signed: bool = False
    holds_state: bool = False
    rotates: bool = False
    partitioned: bool = False

    @property
    def unsent(self) -> str:
        """Why a browser does not send it back; empty if it does."""
        return self.refused or self.withheld
