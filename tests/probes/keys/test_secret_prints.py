"""Secrets are compared, never shown."""

from __future__ import annotations

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.keys.secret_prints import SecretPrints
from sessiondoctor.formats import sealed
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.results import Setting
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.keys.secret_prints import plan, signers, unverified
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.topology.model import Node
from tests.fakes.peers import ask, context, topology
from tests.formats import producers, test_signature

OF_THREE = topology(nodes=(Node("a", secret_env="A"), Node("b", secret_env="B"), Node("c", secret_env="C"), Node("d")))


def setting(name: str, value: str) -> Setting:
    """A cookie as a node sets it."""
    cookie = read_set_cookie(f"{name}={value}; Path=/")
    assert cookie
    return Setting(cookie, "http://a.test/", "", 0.0)


def compared(**environ: str) -> SecretPrints:
    """The fingerprints in this environment."""
    (probe,) = plan(OF_THREE, Options())
    assert isinstance(probe, Probe)
    assert probe.contacts == {}
    found = ask(probe, context(OF_THREE, environ=environ))
    assert isinstance(found, SecretPrints)
    return found


def test_equal_secrets_have_equal_fingerprints() -> None:
    """And others have others."""
    found = compared(A="the-one-secret", B="the-one-secret", C="another-secret")
    assert found.prints["a"] == found.prints["b"] != found.prints["c"]
    assert "secret" not in repr(found)


def test_a_missing_variable() -> None:
    """It is named; nothing is compared."""
    with pytest.raises(Unavailable, match="no B, C"):
        compared(A="the-one-secret", B="")


def test_one_secret_alone_is_nothing_to_compare() -> None:
    """Two nodes must declare theirs."""
    (entry,) = plan(topology(nodes=(Node("a", secret_env="A"), Node("b"))), Options())
    assert isinstance(entry, Absent)
    assert "secret_env" in entry.hint


def test_whose_secret_verifies_a_cookie() -> None:
    """Every node's is tried; without a secret, or with a cookie that is not signed, nothing can be told."""
    sites = topology(nodes=(Node("a", secret_env="A"), Node("b", secret_env="B"), Node("c")))
    cookie = setting("connect.sid", producers.express("GJvSs1Wq0yk8i4cWfMlYHn3LzPZ0aQ7u", "one"))
    given = context(sites, environ={"A": "one", "B": "two"})
    assert signers(given, roles_of([cookie], sites), [cookie]) == ("a",)
    assert signers(context(sites, environ={"A": "x", "B": "two"}), roles_of([cookie], sites), [cookie]) == ()
    assert signers(context(sites, environ={}), roles_of([cookie], sites), [cookie]) is None
    plain = setting("PHPSESSID", "q1w2e3r4t5y6u7i8o9p0a1s2d3")
    assert signers(given, roles_of([plain], sites), [plain]) is None
    assert signers(given, roles_of([], sites), []) is None
    assert signers(context(topology()), roles_of([cookie], sites), [cookie]) is None


def test_an_encrypted_cookie_and_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """With it the tag tells; without it the command that installs it is named, where a secret is declared."""
    sites = topology(nodes=(Node("a", secret_env="A"), Node("b", secret_env="B")))
    cookie = setting("_shop_session", test_signature.RAILS_SHA256)
    given, roles = context(sites, environ={"A": test_signature.RAILS_BASE, "B": "two"}), roles_of([cookie], sites)
    assert (signers(given, roles, [cookie]), unverified(given, roles, [cookie])) == (("a",), "")
    monkeypatch.setattr(sealed, "find_spec", lambda _: None)
    assert signers(given, roles, [cookie]) is None
    assert "pip install 'sessiondoctor[cookies]'" in unverified(given, roles, [cookie])
    assert unverified(context(sites, environ={}), roles, [cookie]) == ""
