"""What one page load of a browser does to a session: requests at once, then the page's images, scripts and styles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["kept", "lost", "unknown"]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page, asked for with the cookies of the session, as a browser does.

    Attributes:
        path: without query; cut off where it is long.
        cacheable: it says itself that shared caches may keep it.
        sets_session: it sets the session cookie.
    """

    path: str
    status: int
    cacheable: bool = False
    sets_session: bool = False


@dataclass(frozen=True, slots=True)
class PageLoad:
    """A session of ours before, during and after one page load.

    Attributes:
        before: looks that showed the state, one after the other; `looks` is how many there were.
        at_once: requests that were answered of those sent at the same time.
        replaced: answers to these that set the session cookie to another value, or deleted it.
        after: whether the state is there after them.
        assets: the files of the page.
        after_assets: whether the state is there after these.
    """

    looks: int = 0
    before: int = 0
    at_once: int = 0
    replaced: int = 0
    after: State = "unknown"
    assets: tuple[Asset, ...] = ()
    after_assets: State = "unknown"
