"""What a browser takes for one site: scheme and registrable domain (RFC 6265bis, section 5.2)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sessiondoctor.formats.cookie_scope import place_of

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_SECURE = {"https", "wss"}


def is_public_suffix(domain: str) -> bool:
    """Whether a domain belongs to many owners, as `com`, `co.uk` and `github.io` do (https://publicsuffix.org).

    A single label is one without looking it up, but for localhost.
    """
    if "." not in domain:
        return domain not in {"", "localhost"}
    return bool(_suffixes().is_public(domain))


def registrable_domain(host: str) -> str:
    """The host's public suffix and the label before it; the host itself where there is none, as of an IP address."""
    if "." not in host or host.startswith("[") or host.rpartition(".")[2].isdigit():
        return host
    return _suffixes().privatesuffix(host) or host


def same_site(url: str, other: str) -> bool:
    """Whether a browser takes two URLs for one site: an equal scheme and registrable domain ("schemeful same-site")."""
    here, there = place_of(url), place_of(other)
    return here.secure == there.secure and registrable_domain(here.host) == registrable_domain(there.host)


@cache
def _suffixes() -> PublicSuffixList:
    """The list that comes with the library; building it takes some 40 ms."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
