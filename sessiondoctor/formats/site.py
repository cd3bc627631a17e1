"""Sites: what one owner has, by the Public Suffix List, and which requests stay within it (RFC 6265bis, section 5.2).

The list comes with the library, for use without a network; it is read when a name with a dot is first asked for.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.formats.cookie_scope import is_address, place_of

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def is_public_suffix(domain: str) -> bool:
    """Whether a domain belongs to many owners, as `com`, `co.uk` and `github.io` do.

    A single label does, other than localhost, whether or not the list knows it; `shop.internal` does not.
    """
    if "." not in domain:
        return domain not in {"", "localhost"}
    return _may_be_listed(domain) and _suffixes().is_public(domain)


def registrable_domain(host: str) -> str:
    """The public suffix and one label before it (`shop.co.uk`); empty for an address and for a suffix itself."""
    if "." not in host or not _may_be_listed(host):
        return ""
    return _suffixes().privatesuffix(host) or ""


def same_site(url_a: str, url_b: str) -> bool:
    """Whether two URLs have one owner and one scheme: ws counts as http, wss as https ("schemefully same site").

    Hosts without a registrable domain, such as IP addresses, are the same site as themselves only.
    """
    host_a, host_b = place_of(url_a).host, place_of(url_b).host
    if not host_a or not host_b or _scheme(url_a) != _scheme(url_b):
        return False
    if host_a == host_b:
        return True
    domain = registrable_domain(host_a)
    return bool(domain) and domain == registrable_domain(host_b)


def _scheme(url: str) -> str:
    return {"ws": "http", "wss": "https"}.get(scheme := urlsplit(url).scheme, scheme)


def _may_be_listed(domain: str) -> bool:
    return domain.isascii() and not is_address(domain)


@functools.cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
