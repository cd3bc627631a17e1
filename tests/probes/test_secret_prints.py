"""Secrets are compared, never shown."""

from __future__ import annotations

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.secret_prints import SecretPrints
from sessiondoctor.probes.contract import Absent, Options, Probe
from sessiondoctor.probes.secret_prints import plan
from sessiondoctor.topology.model import Node
from tests.probes.peers import ask, context, topology

OF_THREE = topology(nodes=(Node("a", secret_env="A"), Node("b", secret_env="B"), Node("c", secret_env="C"), Node("d")))


def compared(**environ: str) -> SecretPrints:
    """The fingerprints in this environment."""
    (probe,) = plan(OF_THREE, Options())
    assert isinstance(probe, Probe)
    assert probe.contacts == {}
    found = ask(probe, context(OF_THREE, environ=environ))
    assert isinstance(found, SecretPrints)
    return found


def test_equal_secrets_have_equal_fingerprints() -> None:
    """And others have others; none is verified against a cookie."""
    found = compared(A="the-one-secret", B="the-one-secret", C="another-secret")
    assert found.prints["a"] == found.prints["b"] != found.prints["c"]
    assert found.verified == {"a": None, "b": None, "c": None}
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
