"""`sessiondoctor idle`: at which age do sessions, affinity, cookies, tokens and stored keys end?"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from sessiondoctor.experiments.idle.declared import Declared
    from sessiondoctor.experiments.idle.ladder import Progress as Run
    from sessiondoctor.experiments.idle.result import Result
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.wire.client import Wire

_FILE = "sessiondoctor-idle.json"
_USUAL_S = 1800.0
_LONGER = 1.2
_SESSIONS = 24
_LOGINS = 6
_SECONDS = 15.0  # for a look into the stores
_SAID_EVERY_S = 5.0

UpTo = Annotated[
    str, typer.Option("--up-to", metavar="DURATION", help="The oldest age, such as 30m; default: 30m, or idle_timeout.")
]
Sessions = Annotated[
    int | None,
    typer.Option(
        "--sessions", min=2, max=200, metavar="N", help="The most sessions at first; default: 24, with a login 6."
    ),
]
State = Annotated[
    Path, typer.Option("--state", metavar="FILE", help="Keeps the run and the cookies of its sessions until it ends.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --state.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@o.takes("target", *o.SITE, "rate", "timeout_s", "plan_only", "quiet")
def idle(
    job: o.Job,
    up_to: UpTo = "",
    sessions: Sessions = None,
    state: State = Path(_FILE),
    resume: Resume = False,
    as_json: AsJson = False,
) -> None:
    """Find the age at which sessions end: at the site, in the store, at the balancer, in cookies and tokens.

    Many sessions are made together, and each is read once, at an age of its own; then some more in between. It takes
    up to three times --up-to. Ctrl-C shows what is known until then; --resume goes on.

    Exit codes: 0 measured; 1 something ends before it should; 2 a mistake on the command line or in a file;
    3 the end of sessions could not be told; 4 sessiondoctor itself failed; 130 interrupted.
    """
    raise typer.Exit(_Errand(up_to, sessions, state, resume, as_json, job.quiet).run(job))


@dataclass(slots=True)
class _Errand:
    """One run of the command; `said_at` is when it last said how far it has come."""

    up_to: str
    sessions: int | None
    file: Path
    resume: bool
    as_json: bool
    quiet: bool
    said_at: float = -math.inf

    def run(self, job: o.Job) -> int:
        """The exit code."""
        from sessiondoctor.cli.documents.files import writable
        from sessiondoctor.cli.documents.output import say, show
        from sessiondoctor.cli.job import probed
        from sessiondoctor.cli.order import order_of
        from sessiondoctor.cli.signals import Held
        from sessiondoctor.errors import ExitCode, Unavailable

        if job.plan_only:
            show(self._plan(order_of(job)))
            return 0
        writable(self.file, "state")
        self._spare(order_of(job))
        with Held() as held:
            try:
                result = held.run(probed(job, self._measure))
            except Unavailable as error:
                say(f"sessiondoctor: {error.reason}\n" + (f"sessiondoctor: {error.hint}\n" if error.hint else ""))
                return held.code or ExitCode.UNSEEN
            show(self._shown(result))
        if result.complete:
            self.file.unlink(missing_ok=True)
        return held.code or result.exit_code

    def _spare(self, order: Order) -> None:
        """Refuse to begin a run over the state of another one."""
        from sessiondoctor.errors import UsageError
        from sessiondoctor.experiments.idle.state import of_target

        if self.resume or not self.file.exists() or not self.file.stat().st_size:
            return
        of = of_target(self.file)
        go_on = "--resume to go on with it, " if of == order.target else ""
        what = f"holds an unfinished run at {of}" if of else "is no state of an idle ladder"
        raise UsageError(f"{self.file}: {what}; give {go_on}another --state, or delete the file")

    async def _measure(self, order: Order, wire: Wire, progress: Progress) -> Result:
        from sessiondoctor.context import Context
        from sessiondoctor.experiments.idle import declared
        from sessiondoctor.experiments.idle.ladder import Ladder
        from sessiondoctor.experiments.idle.result import AFFINITY, result_of
        from sessiondoctor.experiments.idle.visitors import Visits
        from sessiondoctor.pipeline.order import redactor_of

        site = order.topology.site
        up_to_s, most = self._sizes(order)
        visits = Visits(Context(order.topology, order.options, wire, redactor_of(order.topology, {}), _nothing))
        stored = await _stored(order, wire, progress)
        ladder = Ladder(visits, self._begun(order, up_to_s), most, lambda run: self._changed(order, run))
        run = await ladder.run()
        said = (
            *declared.of_cookies(visits.settings, visits.roles),
            *declared.of_tokens(visits.settings, visits.values),
            *stored,
        )
        names = ", ".join(visits.roles.affinity_names)
        return result_of(
            order.target,
            run,
            said,
            idle_timeout_s=site.idle_timeout,
            affinity=f"affinity (cookie {names})" if names else AFFINITY,
        )

    def _begun(self, order: Order, up_to_s: float) -> Run:
        from sessiondoctor.experiments.idle.ladder import Progress as Run
        from sessiondoctor.experiments.idle.state import read

        return read(self.file, order.target) if self.resume else Run(up_to_s)

    def _sizes(self, order: Order) -> tuple[float, int]:
        """The oldest age, and how many sessions may be made at first."""
        from sessiondoctor.errors import UsageError
        from sessiondoctor.topology.scalars import Duration
        from sessiondoctor.topology.texts import QuotableError

        site = order.topology.site
        most = self.sessions or (_LOGINS if site.flow.login else _SESSIONS)
        if not self.up_to:
            return (site.idle_timeout * _LONGER if site.idle_timeout else _USUAL_S), most
        try:
            return float(Duration.parse(self.up_to)), most
        except QuotableError as error:
            raise UsageError(f"--up-to {self.up_to}: {error}") from error

    def _plan(self, order: Order) -> str:
        up_to_s, most = self._sizes(order)
        return (
            f"Up to {most} sessions at {order.topology.site.url}, each written and then read once, and 14 more in\n"
            f"between; for affinity 6 visits at each of about 20 ages. It takes up to {3 * up_to_s / 60:.0f} minutes.\n"
        )

    def _changed(self, order: Order, run: Run) -> None:
        from sessiondoctor.cli.documents.files import replace
        from sessiondoctor.cli.documents.output import say
        from sessiondoctor.experiments.idle.state import written

        replace(self.file, written(order.target, run), "state", secret=True)
        now = time.monotonic()
        if not self.quiet and run.next_in_s < math.inf and now - self.said_at >= _SAID_EVERY_S:
            self.said_at = now
            at = time.strftime("%H:%M:%S", time.localtime(time.time() + max(0.0, run.next_in_s)))
            say(f"{run.read} read, {len(run.waiting)} waiting; the next at {at}\n")

    def _shown(self, result: Result) -> str:
        import json

        from sessiondoctor.cli.experiments.ends import text_of

        if self.as_json:
            return json.dumps(result.document(), indent=2) + "\n"
        resume = "" if result.complete else f"Interrupted; go on with --resume --state {self.file}.\n"
        return text_of(result) + resume


async def _stored(order: Order, wire: Wire, progress: Progress) -> tuple[Declared, ...]:
    """What a short look into the declared stores says."""
    from dataclasses import replace

    from sessiondoctor.experiments.idle.declared import of_stores
    from sessiondoctor.pipeline.scan import gather

    if not order.topology.stores:
        return ()
    options = replace(order.options, deadline_s=_SECONDS)
    looking = replace(
        order, checks=(order.catalogue.checks["ttl-not-refreshed"],), options=options, started=time.monotonic()
    )
    gathered, _ = await gather(looking, wire, progress)
    return tuple(of_stores(gathered))


async def _nothing(_: type[object]) -> object:
    raise AssertionError("the ladder needs no evidence")
