"""One statement of a configuration file."""

from __future__ import annotations

from dataclasses import dataclass

from sessiondoctor.evidence.location import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One statement of a file.

    Attributes:
        at: where it stands.
        owner: whose file it is: `app1` of `app1=app1/.env`, a name of the topology, else the file's own name.
        format: name of the reader, such as nginx; `owner` and `format` are filled in by `configs.reading`.
    """

    at: Location
    owner: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class CookieRule:
    """Attributes that a configuration gives a cookie. `life_s` 0 means until the browser is closed."""

    name: str = ""
    secure: bool | None = None
    http_only: bool | None = None
    same_site: str = ""
    path: str = ""
    domain: str = ""
    life_s: float | None = None
