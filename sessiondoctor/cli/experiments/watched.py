"""A run of `sessiondoctor watch`: who is told after each round, and the end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.cli.documents.files import replace, writable
from sessiondoctor.cli.documents.output import say, show
from sessiondoctor.cli.shown.progress import Silent
from sessiondoctor.cli.signals import Held
from sessiondoctor.errors import OutputError
from sessiondoctor.experiments.watch import alert, state
from sessiondoctor.experiments.watch.looking import Looker, contacts_of
from sessiondoctor.experiments.watch.rounds import Rounds, Schedule
from sessiondoctor.experiments.watch.site import Site
from sessiondoctor.report.escape import no_command, one_line

if TYPE_CHECKING:
    from sessiondoctor.experiments.watch.exposition import Exposition
    from sessiondoctor.experiments.watch.memory import Memory
    from sessiondoctor.experiments.watch.seen import Change
    from sessiondoctor.pipeline.order import Order

_READABLE = 0o644
"""The metrics hold no secret, and another user's node_exporter reads them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says."""

    schedule: Schedule
    sessions: int | None
    state: Path
    metrics_file: Path | None
    listen: tuple[str, int] | None
    otlp: str
    on_alert: tuple[str, ...]
    as_json: bool
    verbose: bool
    quiet: bool


def run(order: Order, wanted: Wanted) -> int:
    """Watches until the end; the exit code."""
    writable(wanted.state, "state")
    if wanted.metrics_file:
        writable(wanted.metrics_file, "metrics")
    memory, goes_on = state.read(wanted.state, order.target), wanted.schedule.rounds != 1
    with Held() as held, ExitStack() as stack:
        listeners = _Listeners(wanted, memory)
        listeners.open(stack)
        site = Site(order, Looker(wanted.sessions), Silent())
        rounds = Rounds(site, memory, wanted.schedule, listeners.told, lambda: held.code != 0)
        if goes_on and not wanted.quiet:
            say(_begun(order, wanted))
        held.run(rounds.run())
        if (held.code or goes_on) and not wanted.quiet:
            say(_summary(rounds))
    return held.code or rounds.exit_code


def plan_of(order: Order, wanted: Wanted) -> str:
    """Who is contacted in a round, and in a whole scan."""
    from sessiondoctor.cli.shown.planned import plan_text

    size = Looker(wanted.sessions).size(order.topology)
    lines = [
        f"Each round, every {wanted.schedule.every_s:g} s: {size} sessions are read and one or more made, each node is",
        "asked once, stores and balancers say their figures. At most so many requests or commands a round:",
        *(f"  {count:6}  {place}" for place, count in sorted(contacts_of(order, size).items())),
        "",
        (
            "A whole scan comes first, after a change that only it explains, and at least every "
            f"{wanted.schedule.scans_s:g} s."
        ),
    ]
    if wanted.schedule.apart_s:
        lines.append(f"Two scans are at least {wanted.schedule.apart_s:g} s apart, as each logs in.")
    return "".join(f"{one_line(line)}\n" for line in lines) + "\n" + plan_text(order)


@dataclass(slots=True)
class _Listeners:
    """Everybody who is told after a round."""

    wanted: Wanted
    memory: Memory
    exposition: Exposition | None = None
    send: Callable[[], bool] | None = None
    counted: frozenset[str] = field(default=frozenset())
    said_nothing: bool = True

    def open(self, stack: ExitStack) -> None:
        """Begin to listen, and connect."""
        wanted = self.wanted
        self.counted = _counting(self.memory)
        if wanted.metrics_file or wanted.listen:
            from sessiondoctor.experiments.watch.exposition import Exposition

            self.exposition = Exposition()
            self.exposition.update(self.memory)
            if wanted.listen:
                port = stack.enter_context(self.exposition.served(*wanted.listen))
                self._say(f"the metrics are at http://{wanted.listen[0]}:{port}/metrics")
        if wanted.otlp:
            from sessiondoctor.experiments.watch.otlp import exported

            self.send = stack.enter_context(exported(wanted.otlp, self.memory))

    async def told(self, changes: tuple[Change, ...]) -> None:
        """The log, the state, the metrics, the alert; what one of them cannot take does not end the watch."""
        for change in changes:
            show(_line(change, as_json=self.wanted.as_json))
        await self._alert(changes)
        self._write(partial(replace, self.wanted.state, state.written(self.memory), "state", secret=True))
        if self.exposition:
            self.exposition.update(self.memory)
            if self.wanted.metrics_file:
                self._write(partial(replace, self.wanted.metrics_file, self.exposition.text, "metrics", mode=_READABLE))
        if self.send and not await asyncio.to_thread(self.send):
            self._say("the collector of --otlp did not take the metrics")
        if self.said_nothing and any(kept.visitor.part == "affinity" for kept in self.memory.sessions):
            self._say("no flow is declared: sessions are not followed from round to round; declare site.flow")
        self.said_nothing = False
        if self.wanted.verbose:
            self._say(f"round {self.memory.rounds} took {self.memory.took_s:.1f} s")

    async def _alert(self, changes: tuple[Change, ...]) -> None:
        before, self.counted = self.counted, _counting(self.memory)
        document = alert.document_of(self.memory, changes, before) if self.wanted.on_alert else None
        if document and (why := await alert.run(self.wanted.on_alert, document)):
            self.memory.count("alert_failures")
            self._say(f"the command of --on-alert {why}")

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OutputError as error:
            self._say(str(error))

    def _say(self, text: str) -> None:
        if not self.wanted.quiet:
            say(f"sessiondoctor: {one_line(text)}\n")


def _counting(memory: Memory) -> frozenset[str]:
    return frozenset(id_ for id_, cause in memory.causes.items() if cause.counts)


def _line(change: Change, *, as_json: bool) -> str:
    if as_json:
        document = {"at": change.at, "kind": change.kind, "subject": change.subject, "text": change.text}
        return json.dumps(document) + "\n"
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(change.at))
    return no_command(one_line(f"{at}  {change.kind:<15}  {change.text}")) + "\n"


def _begun(order: Order, wanted: Wanted) -> str:
    return (
        f"sessiondoctor: watching {one_line(order.target)} every {wanted.schedule.every_s:g} s; only changes are "
        "shown; Ctrl-C ends it\n"
    )


def _summary(rounds: Rounds) -> str:
    memory = rounds.memory
    lost = sum(total for _, total in memory.totals("sessions_lost"))
    reads = sum(total for _, total in memory.totals("session_reads"))
    causes = ", ".join(memory.causes) or "none"
    return (
        f"sessiondoctor: ended after {rounds.done} rounds, {memory.rounds} with those before; in all, sessions were "
        f"read {reads:.0f} times, {lost:.0f} of them lost; causes now: {causes}\n"
    )
