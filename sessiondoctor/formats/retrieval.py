"""The request that a cookie would go along with, and what SameSite says to it (RFC 6265bis, sections 5.2 and 5.8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNSAFE_GRACE_S: Final = 120.0
"""So long a cookie without SameSite goes along with a top-level cross-site POST (Lax-allowing-unsafe, 5.6.7.2)."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Where a request comes from.

    Attributes:
        same_site: whether the page that makes it belongs to the site.
        top_level: whether it replaces the whole page; False in a frame and of scripts.
        safe: whether its method only reads (RFC 9110, section 9.2.1).
    """

    same_site: bool = True
    top_level: bool = True
    safe: bool = True


TYPED: Final = Retrieval()
"""The user typed the URL, or followed a link of the site."""


def why_same_site(same_site: str, age_s: float, retrieval: Retrieval) -> str:
    """Why SameSite keeps a cookie from going along; empty if it does not.

    Args:
        same_site: `strict`, `lax`, `none`, or empty for the default, which is Lax.
        age_s: seconds since the cookie was made.
        retrieval: the request. Partitioned cookies are not told apart: they live in the frame of one site.
    """
    if retrieval.same_site or same_site == "none":
        return ""
    said = f"SameSite={same_site.capitalize()}" if same_site else "no SameSite, which means Lax"
    if same_site == "strict":
        return f"{said}, and the request comes from another site"
    if not retrieval.top_level:
        return f"{said}, and the request is made inside a page of another site"
    if retrieval.safe or (not same_site and age_s <= UNSAFE_GRACE_S):
        return ""
    return f"{said}, and the request is a POST from another site"
