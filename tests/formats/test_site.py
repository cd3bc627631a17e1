"""Public suffixes, sites, and what SameSite withholds."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.formats.jar import Jar
from sessiondoctor.formats.retrieval import Retrieval, why_same_site
from sessiondoctor.formats.site import is_public_suffix, registrable_domain, same_site

POST = Retrieval(same_site=False, safe=False)
LINK = Retrieval(same_site=False)
FRAME = Retrieval(same_site=False, top_level=False)
URL = "https://shop.example.co.uk/"


@pytest.mark.parametrize("domain", ["com", "co.uk", "github.io", "internal", "co.jp"])
def test_public_suffixes(domain: str) -> None:
    """Nobody owns them alone."""
    assert is_public_suffix(domain)
    assert Jar().store(f"a=b; Domain={domain}", f"https://shop.{domain}/", 0.0).reason


@pytest.mark.parametrize("domain", ["example.co.uk", "shop.github.io", "shop.internal", "localhost", "", "www.ck"])
def test_what_somebody_owns(domain: str) -> None:
    """Also below a top-level domain that nobody knows."""
    assert not is_public_suffix(domain)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.shop.example.co.uk", "example.co.uk"),
        ("shop.github.io", "shop.github.io"),
        ("co.uk", "co.uk"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("localhost", "localhost"),
        ("www.shop.test", "shop.test"),
    ],
)
def test_registrable_domains(host: str, domain: str) -> None:
    """The public suffix and one label more; addresses stand for themselves."""
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("https://www.shop.test/", "https://pay.shop.test:8443/x", True),
        ("https://shop.test/", "http://shop.test/", False),
        ("https://a.github.io/", "https://b.github.io/", False),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", True),
    ],
)
def test_sites_are_schemeful(url: str, other: str, *, same: bool) -> None:
    """Scheme and registrable domain; ports do not count."""
    assert same_site(url, other) is same


@pytest.mark.parametrize(
    ("attribute", "retrieval", "age_s", "sent"),
    [
        ("", LINK, 999.0, True),
        ("", POST, 999.0, False),
        ("", POST, 100.0, True),
        ("", FRAME, 0.0, False),
        ("; SameSite=Lax", LINK, 0.0, True),
        ("; SameSite=Lax", POST, 0.0, False),
        ("; SameSite=Strict", LINK, 0.0, False),
        ("; SameSite=Strict", Retrieval(), 0.0, True),
        ("; SameSite=None", FRAME, 999.0, True),
        ("; SameSite=None", POST, 999.0, True),
    ],
)
def test_what_comes_along_from_another_site(attribute: str, retrieval: Retrieval, age_s: float, *, sent: bool) -> None:
    """RFC 6265bis, 5.8.3, with the two minutes of 5.6.7.2."""
    jar = Jar()
    jar.store(f"a=b; Secure{attribute}", URL, 1000.0)
    assert bool(jar.header_for(URL, 1000.0 + age_s, retrieval)) is sent


@given(
    same_site=st.sampled_from(["", "lax", "strict", "none"]),
    age_s=st.floats(0, 1e6),
    retrieval=st.sampled_from([LINK, POST, FRAME]),
)
def test_a_reason_names_the_attribute(same_site: str, age_s: float, retrieval: Retrieval) -> None:
    """Or there is none."""
    reason = why_same_site(same_site, age_s, retrieval)
    assert reason == "" or "SameSite" in reason


def test_the_list_is_loaded_only_when_a_domain_asks() -> None:
    """It takes tens of milliseconds that most sites need not pay for."""
    code = """
import sys
from sessiondoctor.formats.jar import Jar
for header in ("a=b; Secure", "a=b; Domain=b.test"):
    Jar().store(header, "https://a.b.test/", 0.0)
    print("publicsuffixlist" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
