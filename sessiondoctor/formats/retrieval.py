"""How a request came about, as far as SameSite and Partitioned look at it (RFC 6265bis, sections 5.2 and 5.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sessiondoctor.formats import refusals

LAX_ALLOWS_UNSAFE_S: Final = 120.0  # the age up to which a cookie without SameSite comes with a POST; section 5.6.7.2


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A request; without arguments, one that the user made by typing its URL.

    Attributes:
        same_site: whether the page that makes it, and every frame around that, is of its own site. A redirect through
            another site does not count.
        top_level: whether it changes the address bar: a link or a form, no frame, picture or script.
        safe: whether its method is GET, HEAD, OPTIONS or TRACE.
    """

    same_site: bool = True
    top_level: bool = True
    safe: bool = True


TYPED: Final = Retrieval()


def why_not_across_sites(same_site: str, age_s: float, retrieval: Retrieval) -> str:
    """Why a cookie with this SameSite (`strict`, `lax`, `none` or empty) and age is not sent; empty if it is."""
    if retrieval.same_site or same_site == "none":
        return ""
    if same_site == "strict":
        return refusals.STRICT_ACROSS_SITES
    by_default = same_site != "lax"
    if not retrieval.top_level:
        return refusals.DEFAULT_INSIDE_ANOTHER_SITE if by_default else refusals.LAX_INSIDE_ANOTHER_SITE
    if retrieval.safe or (by_default and age_s <= LAX_ALLOWS_UNSAFE_S):
        return ""
    return refusals.DEFAULT_POST_ACROSS_SITES if by_default else refusals.LAX_POST_ACROSS_SITES


def why_in_another_partition(retrieval: Retrieval) -> str:
    """Why a Partitioned cookie is not sent; empty if it is (CHIPS, section 2.2).

    All such cookies are taken to be set while their own site was in the address bar: inside another site the browser
    has another jar. A frame that sets and reads its own cookies there is not told apart.
    """
    elsewhere = not retrieval.same_site and not retrieval.top_level
    return refusals.OTHER_PARTITION if elsewhere else ""
