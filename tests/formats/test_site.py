from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.site import is_public_suffix, registrable_domain, same_site

QUICK = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("shop.example", "shop.example"),
        ("a.b.shop.example", "shop.example"),
        ("www.shop.co.uk", "shop.co.uk"),
        ("co.uk", ""),
        ("shop.github.io", "shop.github.io"),
        ("github.io", ""),
        ("b.kawasaki.jp", ""),
        ("x.a.b.kawasaki.jp", "a.b.kawasaki.jp"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("www.shop.test", "shop.test"),
        ("shop.internal", "shop.internal"),
        ("internal", ""),
        ("www.xn--55qx5d.cn", "www.xn--55qx5d.cn"),
        ("localhost", ""),
        ("app.localhost", "app.localhost"),
        ("127.0.0.1", ""),
        ("[::1]", ""),
        ("[::ffff:1.2.3.4]", ""),
        ("a..b", ""),
        ("", ""),
    ],
)
def test_registrable_domain(host: str, domain: str) -> None:
    """The public suffix, one label more; an unknown last label is a suffix."""
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("domain", "public"),
    [
        ("com", True),
        ("co.uk", True),
        ("github.io", True),
        ("test", True),
        ("shop.test", False),
        ("shop.internal", False),
        ("shop.co.uk", False),
        ("localhost", False),
        ("0.0.1", False),
        ("", False),
        ("é.fr", False),
    ],
)
def test_public_suffixes(domain: str, *, public: bool) -> None:
    """Those of registries and of hosters alike, as browsers have it for cookies."""
    assert is_public_suffix(domain) is public


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://shop.example/a", "https://www.shop.example:8443/b", True),
        ("https://a.shop.example", "https://b.shop.example", True),
        ("http://shop.example", "https://shop.example", False),
        ("wss://shop.example", "https://www.shop.example", True),
        ("ws://shop.example", "https://www.shop.example", False),
        ("https://a.github.io", "https://b.github.io", False),
        ("https://github.io", "https://github.io", True),
        ("https://shop.co.uk", "https://bank.co.uk", False),
        ("https://www.shop.test", "https://api.shop.test", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:9090", True),
        ("http://127.0.0.1", "http://127.0.0.2", False),
        ("http://app1", "http://app2", False),
        ("http://app1:1", "http://APP1:2", True),
        ("http://localhost", "http://localhost:8080", True),
        ("http://[::1]:1", "http://[::1]:2", True),
        ("nonsense", "nonsense", False),
        ("https://", "https://", False),
        ("http://[::1", "http://[::1", False),
    ],
)
def test_same_site(one: str, other: str, *, same: bool) -> None:
    """RFC 6265bis, section 5.2: scheme and registrable domain, whatever the port; in both directions."""
    assert same_site(one, other) is same
    assert same_site(other, one) is same


@QUICK
@given(url=st.text() | st.text(alphabet="abc.-:/@[]%é\u3002").map("https://".__add__), host=st.text())
def test_nothing_is_an_error(url: str, host: str) -> None:
    """Any text is some host, or none."""
    assert same_site(url, url) in {True, False}
    assert registrable_domain(host) == "" or not is_public_suffix(registrable_domain(host))


PROGRAM = """
import sys
from sessiondoctor.formats.jar import Jar
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.formats.site import same_site
jar = Jar()
{}
print("publicsuffixlist" in sys.modules)
"""


def is_list_loaded_by(statement: str) -> bool:
    """Whether a fresh interpreter has the library after this."""
    command = [sys.executable, "-c", PROGRAM.format(statement)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout == "True\n"


@pytest.mark.parametrize(
    "statement",
    [
        "jar.store(read_set_cookie('a=b; Path=/; Secure'), 'https://www.shop.example/', 0.0)",
        "jar.store(read_set_cookie('a=b; Domain=other.example'), 'https://www.shop.example/', 0.0)",
        "jar.store(read_set_cookie('a=b; Domain=localhost'), 'http://localhost/', 0.0)",
        "jar.store(read_set_cookie('a=b; Domain=10.0.0.1'), 'http://10.0.0.1/', 0.0)",
        "jar.cookies_for('https://www.shop.example/', 0.0)",
        "same_site('https://shop.example', 'https://shop.example:8443')",
    ],
)
def test_the_list_is_not_loaded_in_vain(statement: str) -> None:
    """It takes longer than all else that a scan does before its first request."""
    assert not is_list_loaded_by(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "jar.store(read_set_cookie('a=b; Domain=shop.example'), 'https://www.shop.example/', 0.0)",
        "jar.store(read_set_cookie('a=b; Domain=github.io'), 'https://github.io/', 0.0)",
        "same_site('https://a.shop.example', 'https://b.shop.example')",
    ],
)
def test_the_list_is_loaded_when_it_decides(statement: str) -> None:
    """Otherwise the test above could not fail."""
    assert is_list_loaded_by(statement)
