"""What the user wants of a scan, or of files: all that the pipeline is told."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.catalogue.check_files import Check
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.context import Options
from sessiondoctor.model import Severity
from sessiondoctor.outcome.baseline import Baseline, nothing
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.confidential import names_of_nodes, public_words, secrets_of
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.evidence.entry.acquaintance import Acquaintance  # noqa: TC004 - whoever judges files has none
    from sessiondoctor.pipeline.plan import Plan


@dataclass(frozen=True, slots=True)
class Order:
    """What the user wants of a scan.

    Attributes:
        asked: ids of checks that were asked for by name or family; their silence changes the exit code.
        named: what was asked for by its own name; then it must apply as well.
        checks_only: nothing but what came of these checks is to be said.
        fail_on: the least severity that makes the exit code 1; None never does.
        baseline: what an earlier report has already, which does not change the exit code.
        started: `time.monotonic()` when the program started, for the duration in the report.
        files: what `judge` was given in place of a site, as the user named it; empty for a scan.
        acquaintance: what the site looks like at first sight; None if nobody looked.
    """

    topology: Topology
    catalogue: Catalogue
    checks: tuple[Check, ...]
    options: Options = field(default_factory=Options)
    asked: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    checks_only: bool = False
    fail_on: Severity | None = Severity.HIGH
    baseline: Baseline = field(default_factory=nothing)
    allow_inconclusive: bool = False
    started: float = field(default_factory=time.monotonic)
    files: tuple[str, ...] = ()
    acquaintance: Acquaintance | None = None

    @property
    def target(self) -> str:
        """What the report is about."""
        return self.topology.target or " ".join(self.files)

    def plan(self) -> Plan:
        """What would be asked."""
        from sessiondoctor.pipeline.plan import make_plan

        return make_plan(self.checks, self.topology, self.options)


def redactor_of(topology: Topology, environ: Mapping[str, str], key: bytes = b"") -> Redactor:
    """A redactor that knows what the topology declares: its secrets, and the names that are none.

    `key` is that of an earlier run whose tokens are to be compared with these.
    """
    redactor = Redactor(public_words(topology), names_of_nodes(topology))
    redactor.key = key or redactor.key
    for name, value in secrets_of(topology, environ):
        redactor.tell(value, name)
    return redactor
