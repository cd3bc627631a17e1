"""Tokens of nodes, tried with the key set of every node."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.formats.jwt import read_jwt
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.keys.tokens import _Issued, _parsed, _public, _verifies, plan, read
from sessiondoctor.topology.model import Node, Site
from sessiondoctor.topology.steps import Extract, Flow, Step
from tests.fakes.peers import context, topology
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from sessiondoctor.evidence.keys.tokens import Tokens

RSA, OCT = RSAKey.generate_key(2048, {"kid": "rsa"}), OctKey.generate_key(256, {"kid": "oct"})
ELLIPTIC, EDWARDS = ECKey.generate_key("P-256", {"kid": "ec"}), OKPKey.generate_key("Ed25519", {"kid": "ed"})
REAL = [one.as_dict(private=False) for one in (RSA, ELLIPTIC, EDWARDS)] + [OCT.as_dict()]
NAMES = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "d", "k", "kid", "use", "alg", "key_ops", "x5c"])
WORDS = ["AQAB", "P-256", "RSA", "EC", "oct", "OKP", "Ed25519", "X25519", "sig", "enc", "verify", "AA", "none", "HS256"]
ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.sampled_from(WORDS)
HOSTILE = st.builds(lambda key, odd: {**key, **odd}, st.sampled_from([*REAL, {}]), st.dictionaries(NAMES, ODD)) | ODD
LOGIN = Flow(login=(Step("/login", "POST", form={"user": "ada"}, extract={"bearer": Extract(json="/token")}),))


def key(name: str) -> ECKey:
    """A key pair."""
    return ECKey.generate_key("P-256", {"kid": name})


@dataclass(slots=True)
class App:
    """A node that signs with one key and publishes some; `ahead_s` is how far its clock is ahead."""

    signs: ECKey
    knows: list[ECKey] = field(default_factory=list)
    ahead_s: float = 0.0
    cookie: bool = True
    document: Any = None

    def __call__(self, request: bytes) -> bytes:
        """Logs in by POST, serves the key set to anything else."""
        return self._login() if request.startswith(b"POST") else self._set()

    def _login(self) -> bytes:
        now = time.time() + self.ahead_s
        claims = {"sub": "ada", "iat": int(now), "nbf": int(now), "exp": int(now) + 900}
        text = jwt.encode({"alg": "ES256", "kid": self.signs.kid}, claims, self.signs)
        header, body = (
            ("Set-Cookie: token=" + text + "; Path=/\r\n", b"{}") if self.cookie else ("", _json({"token": text}))
        )
        return _response(body, header)

    def _set(self) -> bytes:
        keys = [one.as_dict(private=False) for one in self.knows or [self.signs]]
        return _response(_json({"keys": keys}) if self.document is None else self.document)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _response(body: bytes, header: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\n{header}Content-Length: {len(body)}\r\n\r\n".encode() + body


def judged(first: App, second: App) -> Tokens:
    """What is said of two nodes."""

    async def run() -> Tokens:
        async with serve(first) as one, serve(second) as two:
            nodes = tuple(Node(f"app{n}", url=at.url, jwks=at.url + "jwks") for n, at in enumerate((one, two), 1))
            given = context(topology(site=Site("http://127.0.0.1:9/", flow=LOGIN), nodes=nodes))
            async with given.wire:
                return await read(given)

    return asyncio.run(run())


def test_one_key_for_all() -> None:
    """Every node verifies every token; dates are told by our clock, and no token is in the evidence."""
    shared = key("k1")
    found = judged(App(shared), App(shared))
    assert [(token.verified_by, token.unknown_to) for token in found.tokens] == [(("app1", "app2"), ())] * 2
    assert found.sets == {"app1": ("k1",), "app2": ("k1",)}
    for token in found.tokens:
        assert token.issued_s == pytest.approx(-0.5, abs=2)
        assert (token.lifetime_s, token.key_id, token.algorithm) == (900, "k1", "ES256")
    assert "eyJ" not in repr(found)


def test_each_node_has_its_own_key() -> None:
    """Its id is unknown to the other; a key under a known id that is another one verifies nothing."""
    found = judged(App(key("k1")), App(key("k2"), cookie=False))
    assert [(token.verified_by, token.unknown_to) for token in found.tokens] == [
        (("app1",), ("app2",)),
        (("app2",), ("app1",)),
    ]
    found = judged(App(key("k1")), App(key("k1")))
    assert [(token.verified_by, token.unknown_to) for token in found.tokens] == [(("app1",), ()), (("app2",), ())]


def test_a_clock_that_is_ahead() -> None:
    """It shows in the dates."""
    shared = key("k1")
    found = judged(App(shared), App(shared, ahead_s=600))
    assert found.tokens[1].not_before_s == pytest.approx(599.5, abs=2)
    right, ahead = (token.clock for token in found.tokens)
    assert right
    assert ahead
    assert (right.subject, right.source, ahead.subject) == ("app1", "token", "app2")
    assert abs(right.offset_s) <= right.uncertainty_s
    assert abs(ahead.offset_s - 600) <= ahead.uncertainty_s


@pytest.mark.parametrize(
    "document",
    [b"<html>", b"[]", b'{"keys": "x"}', b'{"keys": [1, {"kty": "x"}]}', b'{"keys": [{"kty": "RSA", "n": 1}]}'],
)
def test_a_set_that_is_none(document: bytes) -> None:
    """It is said; the other set still counts. Without any there is nothing to say."""
    shared = key("k1")
    found = judged(App(shared), App(shared, document=document))
    assert found.trouble == {"app2": "app2 serves no JSON Web Key Set there"}
    assert found.sets == {"app1": ("k1",)}
    with pytest.raises(Unavailable, match="no key set can be read"):
        judged(App(shared, document=document), App(shared, document=document))


def verified(header: dict[str, Any], signs: Key, published: list[Any]) -> bool | None:
    """Whether a key set verifies a token; None where the set or the token is none."""
    text = jws.serialize_compact(header, b'{"sub": "ada"}', signs, algorithms=[header["alg"]])
    claims, keys = read_jwt(text), _parsed(_json({"keys": published}))
    return _verifies(_Issued(text, claims, 0.0, None), keys) if claims and keys else None


@pytest.mark.parametrize(("algorithm", "pair"), [("RS256", RSA), ("PS256", RSA), ("HS256", OCT), ("ES256", ELLIPTIC)])
def test_algorithms(algorithm: str, pair: Key) -> None:
    """Those with one key, and those with a pair."""
    assert verified({"alg": algorithm, "kid": "k1"}, pair, [one.as_dict() for one in (RSA, OCT, ELLIPTIC)]) is False
    assert verified({"alg": algorithm}, pair, [pair.as_dict()]) is True


def test_algorithms_that_are_no_more_advised() -> None:
    """Nobody is warned, and who signs with none is verified by none."""
    public = [EDWARDS.as_dict(private=False)]
    header, claims = (b64encode(_json(part)).decode().rstrip("=") for part in ({"alg": "none"}, {"sub": "ada"}))
    unsigned, keys = f"{header}.{claims}.", _parsed(_json({"keys": public}))
    read_claims = read_jwt(unsigned)
    assert keys
    assert read_claims
    assert not _verifies(_Issued(unsigned, read_claims, 0.0, None), keys)
    with pytest.warns(match="EdDSA"):
        assert verified({"alg": "EdDSA"}, EDWARDS, public) is True


def test_a_key_set_cannot_make_us_search_for_primes() -> None:
    """An RSA key with its private exponent and no primes, of 16384 bits, a hundred times."""
    number = urlsafe_b64encode(b"\xff" * 2048).decode().rstrip("=")
    large = {"kty": "RSA", "n": number, "e": "AQAB", "d": number}
    small = {"kty": "RSA", **{name: urlsafe_b64encode(b"\xfd" * 256).decode() for name in "nd"}, "e": "AQAB"}
    began = time.process_time()
    found = _parsed(_json({"keys": [large, small, {**small, "e": number}] * 40}))
    assert time.process_time() - began < 1
    assert found is None or len(found.ids) <= 34


def test_private_members_are_left_out() -> None:
    """The rest of such a key verifies as well."""
    private = RSA.as_dict(private=True)
    assert "d" in private
    assert _public(private) == RSA.as_dict(private=False)
    assert verified({"alg": "RS256"}, RSA, [private]) is True


@settings(max_examples=150, deadline=None)
@given(st.lists(HOSTILE, max_size=4), st.sampled_from(["HS256", "ES256", "RS256", "none", "x"]), st.binary(max_size=40))
def test_any_key_set_is_read_or_refused(keys: list[Any], algorithm: str, signature: bytes) -> None:
    """Keys with fields exchanged, cut and made up; none verifies what it did not sign."""
    found = _parsed(_json({"keys": keys}))
    parts = (_json({"alg": algorithm, "kid": "k1"}), b'{"sub": "ada"}', signature)
    text = ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    claims = read_jwt(text)
    if found and claims:
        assert not _verifies(_Issued(text, claims, 0.0, None), found)


def test_the_plan() -> None:
    """Nodes with a key set are asked; without one there is a hint."""
    nodes = (Node("a", url="http://10.0.0.1/", jwks="http://10.0.0.5:81/jwks"), Node("b", url="http://10.0.0.2/"))
    (probe,) = plan(topology(nodes=nodes), Options())
    assert isinstance(probe, Probe)
    assert set(probe.contacts) == {"10.0.0.1:80", "10.0.0.5:81"}
    (entry,) = plan(topology(nodes=nodes[1:]), Options())
    assert isinstance(entry, Absent)
    assert "jwks" in entry.hint
