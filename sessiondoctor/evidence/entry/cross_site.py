"""Coming back from another site: which cookies a browser sends then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class CrossSiteVisit:
    """One declared way back, judged by a browser's rules without a request.

    Attributes:
        from_: scheme://host of the other site.
        kind: whether the browser comes back with a POST, inside a frame, or with a script's request.
        same_site: whether it is no other site at all (same scheme and registrable domain).
        withheld: why a browser does not send a cookie then, by its name; cookies that it sends are not in it.
        session: why it does not send the session cookie; empty if it does or there is none.
        affinity: likewise of the first affinity cookie that it withholds.
        only_new: the browser does send the session cookie in its first two minutes (no SameSite, and a POST).
    """

    from_: str
    kind: Literal["post", "iframe", "fetch"]
    same_site: bool
    withheld: Mapping[str, str] = field(default_factory=dict)
    session: str = ""
    affinity: str = ""
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class CrossSiteVisits:
    """All of them; `session_cookie` is the name of the session cookie that was seen.

    It is empty if there is none, or none that a browser sends to its own site: then the arrivals tell nothing of it.
    """

    cross_site_visits: tuple[CrossSiteVisit, ...]
    session_cookie: str = ""
