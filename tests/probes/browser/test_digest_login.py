"""HTTP Digest, by the example of the standard, and by the one that curl gives."""

from __future__ import annotations

import hashlib
import re

import pytest

from sessiondoctor.probes.browser.digest_login import authorization

CHALLENGE = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
"""RFC 7616, section 3.9.1."""


@pytest.mark.parametrize(("algorithm", "name"), [("MD5", "md5"), ("SHA-256", "sha256")])
def test_a_challenge(algorithm: str, name: str) -> None:
    """The answer is the hash that the standard tells, over the client's own nonce."""
    sent = authorization(CHALLENGE.format(algorithm), "http://a.test/dir/index.html?x=1", "Mufasa", "Circle of Life")

    def hashed(text: str) -> str:
        return hashlib.new(name, text.encode()).hexdigest()

    client = re.search('cnonce="([0-9a-f]{16})"', sent)
    assert client
    who = hashed("Mufasa:http-auth@example.org:Circle of Life")
    what = hashed("GET:/dir/index.html?x=1")
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    assert f'response="{hashed(f"{who}:{nonce}:00000001:{client[1]}:auth:{what}")}"' in sent
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in sent
    assert "Circle" not in sent


def test_without_protection() -> None:
    """As in RFC 2069: no `qop`, and the answer is over the nonce alone."""
    sent = authorization('Digest realm="r", nonce="n"', "http://a.test", "u", "p")
    who, what = (hashlib.md5(text, usedforsecurity=False).hexdigest() for text in (b"u:r:p", b"GET:/"))
    assert f'response="{hashlib.md5(f"{who}:n:{what}".encode(), usedforsecurity=False).hexdigest()}"' in sent
    assert "qop" not in sent


@pytest.mark.parametrize("challenge", ["", "Basic realm=x", "Digest realm=x", 'Digest nonce="n", algorithm=MD5-sess'])
def test_no_challenge_of_a_known_kind(challenge: str) -> None:
    """Then there is nothing to send."""
    assert not authorization(challenge, "http://a.test/", "u", "p")


def test_a_name_with_quotes() -> None:
    """It stays inside its own."""
    assert 'username="a\\"b\\\\"' in authorization('Digest realm="r", nonce="n"', "http://a.test", 'a"b\\', "p")
