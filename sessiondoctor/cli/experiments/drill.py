"""`sessiondoctor drill`: what becomes of sessions when a node is taken out?"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.context import Context
    from sessiondoctor.evidence.experiments.drill import By
    from sessiondoctor.experiments.drill.outages import Intent
    from sessiondoctor.experiments.drill.run import Run
    from sessiondoctor.model import Report
    from sessiondoctor.outcome.bundle import Bundle
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.client import Wire

_SESSIONS = 6
_LOGINS = 2
_EVIDENCE = "Drill"
_SCAN = "`sessiondoctor scan` asks the site itself"


class How(StrEnum):
    """One way to take a node out."""

    DRAIN = "drain"
    MAINT = "maint"
    STOP = "stop"


Nodes = Annotated[
    list[str] | None,
    typer.Option("--node", metavar="NAME", help="Take this node out; repeatable, each in its turn."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Take them out. Users of these nodes may notice.")]
By_ = Annotated[
    How | None,
    typer.Option(
        "--by",
        metavar="WAY",
        help="Only this way: drain, maint or stop; default: drain, then stop if nodes[].stop is declared, else maint.",
    ),
]
Sessions = Annotated[
    int | None,
    typer.Option("--sessions", min=2, max=50, metavar="N", help="Sessions of each node; default: 6, with a login 2."),
]
WatchFor = Annotated[
    str, typer.Option("--watch", metavar="DURATION", help="How long a node stays out until all clients have moved.")
]
BundleFile = Annotated[
    Path | None, typer.Option("--bundle", metavar="BUNDLE", help="Write what was seen here, for `judge`.")
]


@o.takes("target", *o.SITE, "rate", "timeout_s", "allow", "plan_only", "quiet", *o.JUDGED)
def drill(
    job: o.Job,
    node: Nodes = None,
    yes: Yes = False,
    by: By_ = None,
    sessions: Sessions = None,
    watch: WatchFor = "20s",
    bundle: BundleFile = None,
) -> None:
    """Take nodes out on purpose, one after the other, see what becomes of their sessions, and put them back.

    By HAProxy's runtime API, or by commands that the topology declares: nodes[].drain, stop and start. Sessions are
    made before and read while the node is out. A process of its own puts it back, also if this one is killed.

    Exit codes: 0 nothing at or above --fail-on, and all nodes are proven to be back; 1 a fault, or a node is not proven
    to be back; 2 a mistake on the command line or in a file; 3 something could not be looked at; 4 sessiondoctor itself
    failed; 130 interrupted.
    """
    how: By | None = by.value if by else None
    raise typer.Exit(
        _Errand(tuple(node or ()), yes, how, sessions, watch, bundle).run(replace(job, evidence=_EVIDENCE))
    )


@dataclass(slots=True)
class _Errand:
    """One run of the command."""

    nodes: tuple[str, ...]
    yes: bool
    by: By | None
    sessions: int | None
    watch: str
    bundle: Path | None

    def run(self, job: o.Job) -> int:
        """The exit code."""
        from sessiondoctor.cli.documents.files import writable
        from sessiondoctor.cli.documents.output import destinations, say, show, write
        from sessiondoctor.cli.job import probed
        from sessiondoctor.cli.order import order_of
        from sessiondoctor.cli.signals import Held
        from sessiondoctor.errors import ExitCode, Unavailable

        outputs = destinations(job.formats, job.output)
        order = order_of(job)
        intents = self._insist(job, order)
        if job.plan_only:
            show(self._plan(order, intents))
            return 0
        if self.bundle:
            writable(self.bundle, "bundle")
        with Held() as held:
            try:
                report, seen, back = held.run(probed(job, _Drilling(self, intents, job.quiet).report))
            except Unavailable as error:
                say(f"sessiondoctor: {error.reason}\n" + (f"sessiondoctor: {error.hint}\n" if error.hint else ""))
                return held.code or ExitCode.UNSEEN
            code = held.code or (report.exit_code if back else report.exit_code or ExitCode.FAULT)
            report = replace(report, exit_code=code)
            self._keep(seen)
            write(report, outputs, color=job.color, verbose=job.verbose, packs=job.packs)
        return report.exit_code

    def _keep(self, bundle: Bundle) -> None:
        from sessiondoctor.cli.documents.files import replace as replace_file
        from sessiondoctor.outcome.bundle import pack

        if self.bundle:
            replace_file(self.bundle, pack(bundle, self.bundle.name), "bundle")

    def _insist(self, job: o.Job, order: Order) -> tuple[Intent, ...]:
        """What shall be done.

        Raises:
            UsageError: with all that the command line lacks.
        """
        from sessiondoctor.errors import UsageError
        from sessiondoctor.experiments.drill.outages import intents_of

        known = ", ".join(one.name for one in order.topology.nodes) or "declare nodes[] in a topology file"
        lacks = [] if self.nodes else [f"--node NAME ({known})"]
        if not job.plan_only:
            lacks += [] if order.options.allows("disrupt") else ["--allow disrupt"]
            lacks += [] if self.yes else ["--yes"]
        if lacks:
            raise UsageError(f"a drill takes nodes out of service and may disturb users; add {', '.join(lacks)}")
        self.watch_s()
        return intents_of(order.topology, self.nodes, self.by)

    def watch_s(self) -> float:
        """How long a node stays out."""
        from sessiondoctor.errors import UsageError
        from sessiondoctor.topology.scalars import Duration
        from sessiondoctor.topology.texts import QuotableError

        try:
            return float(Duration.parse(self.watch))
        except QuotableError as error:
            raise UsageError(f"--watch {self.watch}: {error}") from error

    def wanted(self, topology: Topology) -> int:
        """Sessions of each node that is taken out."""
        return self.sessions or (_LOGINS if topology.site.flow.login else _SESSIONS)

    def _plan(self, order: Order, intents: tuple[Intent, ...]) -> str:
        import os

        from sessiondoctor.experiments.drill.planned import plan_text
        from sessiondoctor.pipeline.order import redactor_of

        text = plan_text(order.topology, intents, self.wanted(order.topology), self.watch_s())
        return redactor_of(order.topology, os.environ).scrub(text)


@dataclass(slots=True)
class _Drilling:
    """The drill itself, with an open wire."""

    errand: _Errand
    intents: tuple[Intent, ...]
    quiet: bool

    async def report(self, order: Order, wire: Wire, _: Progress) -> tuple[Report, Bundle, bool]:
        """The report, what it was made of, and whether all nodes are proven to be back."""
        import os

        from sessiondoctor.context import Context
        from sessiondoctor.evidence.experiments.drill import Drill
        from sessiondoctor.evidence.gathered import Gathered, Piece
        from sessiondoctor.outcome.proof import proved_by
        from sessiondoctor.pipeline.bundles import bundle_of
        from sessiondoctor.pipeline.in_hand import unasked_of
        from sessiondoctor.pipeline.order import redactor_of
        from sessiondoctor.pipeline.scan import report

        started_at = datetime.now(tz=UTC)
        redactor = redactor_of(order.topology, os.environ)
        run = await self._run(Context(order.topology, order.options, wire, redactor, _nothing, os.environ))
        seen = await run.drill()
        gathered = Gathered((Piece(Drill, "site", seen),), interrupted=run.interrupted)
        found = proved_by(report(order, gathered, redactor, started_at), self._again(order))
        others = tuple(unasked_of(order.catalogue.checks.values(), {Drill}, "only a drill was done", _SCAN))
        bundle = bundle_of(order, replace(gathered, pieces=(*gathered.pieces, *others)), redactor, os.environ)
        return found, bundle, all(one.proof for one in seen.nodes)

    def _again(self, order: Order) -> str:
        """What proves a fix."""
        nodes = " ".join(f"--node {shlex.quote(one.node)}" for one in self.intents)
        return f"sessiondoctor drill {shlex.quote(order.target)} {nodes} --allow disrupt --yes"

    async def _run(self, context: Context) -> Run:
        import asyncio

        from sessiondoctor.experiments.drill.outages import outages_of
        from sessiondoctor.experiments.drill.run import Run

        outages = await asyncio.to_thread(outages_of, context.topology, self.intents)
        errand = self.errand
        return Run(context, outages, errand.wanted(context.topology), errand.watch_s(), self._tell(context))

    def _tell(self, context: Context) -> Callable[[str], None]:
        from sessiondoctor.cli.documents.output import say

        if self.quiet:
            return lambda _: None
        return lambda text: say(f"{context.redactor.scrub(text)}\n")


async def _nothing(_: type[object]) -> object:
    raise AssertionError("a drill needs no other evidence")
