"""Cookies as somebody pasted them, by the place where they were seen: what no single client's visits can show."""

from __future__ import annotations

from dataclasses import dataclass

from sessiondoctor.evidence.location import Location
from sessiondoctor.evidence.responses.cookie import Role


@dataclass(frozen=True, slots=True)
class ShownCookie:
    """One Set-Cookie.

    Attributes:
        place: the paste's own word for where it was seen (`prod`), else scheme://host:port; empty if nothing tells.
        named: the place is the paste's own word.
        host, port: of the URL that answered; empty and 0 where that is not known.
        token: stands for the value.
    """

    name: str
    role: Role
    place: str
    named: bool
    host: str
    port: int
    token: str
    path: str
    domain: str
    at: Location


@dataclass(frozen=True, slots=True)
class SentCookies:
    """The Cookie header of one request.

    Attributes:
        status: of its response; 0 if that is not shown.
        route: the node that the session's cookie names; `node` the one that says that it answered.
        renamed: the response sets that cookie anew.
    """

    names: tuple[str, ...]
    size: int
    status: int
    at: Location
    route: str = ""
    node: str = ""
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class ShownCookies:
    """All cookies of all captures."""

    set: tuple[ShownCookie, ...] = ()
    sent: tuple[SentCookies, ...] = ()

    def places(self, name: str) -> dict[str, ShownCookie]:
        """The first cookie of this name at each place."""
        found: dict[str, ShownCookie] = {}
        for one in self.set:
            if one.name == name and one.place:
                found.setdefault(one.place, one)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The names that were set, each once."""
        return tuple(dict.fromkeys(one.name for one in self.set))
