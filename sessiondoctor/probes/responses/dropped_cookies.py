"""Which cookies of a response a browser does not keep, or does not send back, and why: names only, never values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.formats.cookie_scope import place_of
from sessiondoctor.formats.jar import why_not_sent, why_refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sessiondoctor.probes.browser.results import Setting

_MOST = 8
_LONGEST_NAME = 64
_LONGEST = 240


def unkept(settings: Iterable[Setting], read_url: str) -> tuple[str, ...]:
    """Each such cookie once, as `name: reason`, whatever the jar at hand made of it.

    Args:
        settings: of one visit; deletions are none of these.
        read_url: where a browser must send them; empty if nowhere.
    """
    told = tuple(dict.fromkeys(text for setting in settings if (text := _told(setting, read_url))))
    more = len(told) - _MOST
    return (*told[:_MOST], f"and {more} more") if more > 0 else told


def unkept_names(settings: Sequence[Setting], urls: Collection[str]) -> frozenset[str]:
    """Names of cookies of which a browser keeps none, or sends none to any of these URLs.

    One name may be set for several paths, of which one fits; and the page that sets a cookie need not be one of them.
    """
    fitting = {one.cookie.name for one in settings for url in urls or ("",) if not _told(one, url)}
    return frozenset(one.cookie.name for one in settings) - fitting


def _told(setting: Setting, read_url: str) -> str:
    reason = "" if setting.deletes or setting.carrier != "cookie" else _why(setting, read_url)
    name = setting.cookie.name[:_LONGEST_NAME] or "a cookie without a name"
    return f"{name}: {reason}"[:_LONGEST] if reason else ""


def _why(setting: Setting, read_url: str) -> str:
    refused = setting.refused or why_refused(setting.cookie, place_of(setting.url))
    if refused:
        return f"dropped, {refused}"
    withheld = why_not_sent(setting.cookie, setting.url, read_url, setting.at) if read_url else ""
    return f"not sent back, {withheld}" if withheld else ""
