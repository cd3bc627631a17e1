"""A scenario: servers with or without one fault, the proof that it shows, and what a scan must say."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.cluster import Cluster
from tests.lab.proofs import Proof
from tests.lab.shapes import PLAIN, Shape, shaped
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Scenario:
    """One laboratory.

    Attributes:
        build: starts the servers.
        proofs: what a naive user sees before the tool is asked.
        cause: the id of the first diagnosis; None when nothing is wrong.
        advice: the id of a cause that the scan must give as advice, where nothing has been lost yet.
        where: the names the first diagnosis must give; empty when that is left open.
        words: of the command line, besides the topology file.
        worn_by_scans: whether a scan changes what the next one sees: a proxy that takes nodes out for a while, a count
            that each look makes larger.
        heavy: too slow, or too large, for every test run, although nothing is wrong in it.
    """

    name: str
    build: Callable[[Workspace], Cluster]
    proofs: tuple[Proof, ...]
    cause: str | None = None
    advice: str = ""
    where: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    worn_by_scans: bool = False
    heavy: bool = False

    @contextmanager
    def running(self, shape: Shape = PLAIN) -> Iterator[tuple[Workspace, Cluster]]:
        """The servers, until the end of the block, in a shape."""
        with Workspace(shape.env) as workspace:
            yield workspace, shaped(workspace, self.build(workspace), shape)

    def prove(self, cluster: Cluster) -> frozenset[str]:
        """Check every proof; returns all that a scan must not print. Raises `AssertionError`."""
        return functools.reduce(frozenset.union, (proof(cluster) for proof in self.proofs), cluster.secrets)
