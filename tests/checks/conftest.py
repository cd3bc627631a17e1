"""A judge for tests of checks: evidence in, findings out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.pipeline.judge import judge as run
from sessiondoctor.topology.model import Topology, bare

if TYPE_CHECKING:
    from sessiondoctor.model import Finding


class Judge(Protocol):
    """`judge("check-id", *evidence)`: evidence of a kind that is not given counts as unavailable."""

    def __call__(self, check_id: str, *evidence: Any) -> tuple[Finding, ...]:
        """Runs one check."""


@pytest.fixture
def judge() -> Judge:
    """Runs one check of the built-in catalogue over the evidence given, matched by type."""

    def judge_one(check_id: str, *evidence: Any) -> tuple[Finding, ...]:
        (check,) = Catalogue((builtin(),)).select([check_id])
        topology = next((piece for piece in evidence if isinstance(piece, Topology)), bare("https://shop.test/"))
        given = [Piece(type(value), _subject(value), value) for value in evidence]
        missing = [
            Piece(need.evidence, "site", unavailable="not in this test")
            for need in check.needs
            if not any(isinstance(value, need.evidence) for value in evidence)
        ]
        return tuple(judged.finding for judged in run(check, Gathered((*given, *missing)), topology))

    return judge_one


def _subject(value: Any) -> str:
    return str(getattr(value, "store", "") or getattr(value, "balancer", "") or "site")
