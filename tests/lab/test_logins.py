"""How often one scan logs in, counted where the logins arrive: accounts may have few sessions at once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.lab.scan import scan
from tests.lab.scenarios import named
from tests.lab.shapes import Shape

if TYPE_CHECKING:
    from pathlib import Path

MOST = 6
"""For a site with three nodes that are declared."""


@dataclass(frozen=True, slots=True)
class Login:
    """One that arrived at the site or at a node; seconds of one clock."""

    began: float
    ended: float


def logins(folder: Path) -> list[Login]:
    """All that the proxy in front of site and nodes has passed on, in the order they began."""
    lines = [line.split() for line in (folder / "veil" / "journal.log").read_text().splitlines()]
    found = [Login(float(began), float(ended)) for began, ended, *what in lines if what[:2] == ["POST", "/signin"]]
    return sorted(found, key=lambda login: login.began)


FAULTY = [
    pytest.param(name, marks=pytest.mark.thorough)
    for name in ("express-node-local-store", "express-signing-secret-mismatch")
]


@pytest.mark.parametrize("name", ["express-healthy", *FAULTY])
def test_a_scan_logs_in_a_few_times_and_never_twice_at_once(name: str) -> None:
    """Also where something is wrong, with everything declared."""
    with named(name).running(Shape(mute=True, steps=True)) as (workspace, cluster):
        result = scan(cluster)
        seen = logins(workspace.directory)
    assert result.report["verdict"] != "not-enough-access"
    assert 0 < len(seen) <= MOST
    assert all(first.ended <= second.began for first, second in itertools.pairwise(seen))
