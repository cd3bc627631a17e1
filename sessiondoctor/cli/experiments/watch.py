"""`sessiondoctor watch`: rounds of a few requests; what has changed, as lines, metrics and alerts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from sessiondoctor.experiments.watch.rounds import Schedule
    from sessiondoctor.pipeline.order import Order

_FILE = "sessiondoctor-watch.json"
_APART_WITH_LOGIN_S = 600.0
_TOLD = "Who is told"

Every = Annotated[str, typer.Option("--every", metavar="DURATION", help="Time from one round to the next, such as 5m.")]
ScanEvery = Annotated[
    str, typer.Option("--scan-every", metavar="DURATION", help="The longest time between two whole scans.")
]
RoundsOption = Annotated[int | None, typer.Option("--rounds", min=1, metavar="N", help="End after so many rounds.")]
Once = Annotated[bool, typer.Option("--once", help="One round, for cron: what has changed since the last time.")]
Sessions = Annotated[
    int | None,
    typer.Option(
        "--sessions", min=1, max=50, metavar="N", help="Sessions that are kept; default: two a node, with a login two."
    ),
]
State = Annotated[Path, typer.Option("--state", metavar="FILE", help="What is known, and the cookies of the sessions.")]
MetricsFile = Annotated[
    Path | None,
    typer.Option(
        "--metrics-file",
        metavar="FILE",
        help="Write metrics here, for node_exporter's textfile collector.",
        rich_help_panel=_TOLD,
    ),
]
MetricsListen = Annotated[
    str,
    typer.Option(
        "--metrics-listen", metavar="HOST:PORT", help="Answer Prometheus there at /metrics.", rich_help_panel=_TOLD
    ),
]
Otlp = Annotated[
    str,
    typer.Option(
        "--otlp", metavar="URL", help="Send metrics to this OpenTelemetry collector, over HTTP.", rich_help_panel=_TOLD
    ),
]
OnAlert = Annotated[
    str,
    typer.Option(
        "--on-alert",
        metavar="COMMAND",
        help="Run this, without a shell, when a fault begins or ends; JSON on its input.",
        rich_help_panel=_TOLD,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print each change as a line of JSON.", rich_help_panel=_TOLD)]


@o.takes("target", *o.SITE, "symptoms", "select", "ignore", "fail_on", "baseline", "packs", "requests", "rate",
         "timeout_s", "deadline_s", "allow", "census", "plan_only", "verbose", "quiet")  # fmt: skip
def watch(
    job: o.Job,
    every: Every = "5m",
    scan_every: ScanEvery = "1h",
    rounds: RoundsOption = None,
    once: Once = False,
    sessions: Sessions = None,
    state: State = Path(_FILE),
    metrics_file: MetricsFile = None,
    metrics_listen: MetricsListen = "",
    otlp: Otlp = "",
    on_alert: OnAlert = "",
    as_json: AsJson = False,
) -> None:
    """Look again and again, and say what has changed: deploys, restarts, evictions, clocks, lost sessions, causes.

    A round reads a few sessions that are kept from round to round, asks each node once, and stores and balancers for
    their figures. A whole scan comes first, after a change that only it can explain, and at least every --scan-every.

    Exit codes, at the end of --rounds: 0 no fault; 1 a cause at or above --fail-on, or a session of ours was lost;
    2 a mistake on the command line or in a file; 3 something could not be looked at; 4 sessiondoctor itself failed;
    130 interrupted, 143 ended.
    """
    from sessiondoctor.cli.documents.output import show
    from sessiondoctor.cli.experiments.watched import Wanted, plan_of, run
    from sessiondoctor.cli.order import order_of

    order = order_of(job)
    schedule = _schedule(order, every, scan_every, 1 if once else rounds)
    wanted = Wanted(
        schedule, sessions, state, metrics_file, _address(metrics_listen), otlp, _words(on_alert), as_json,
        verbose=job.verbose, quiet=job.quiet,
    )  # fmt: skip
    if job.plan_only:
        show(plan_of(order, wanted))
        raise typer.Exit(0)
    raise typer.Exit(run(order, wanted))


def _schedule(order: Order, every: str, scan_every: str, rounds: int | None) -> Schedule:
    from sessiondoctor.experiments.watch.rounds import Schedule

    apart_s = _APART_WITH_LOGIN_S if order.topology.site.flow.login else 0.0
    return Schedule(_seconds("--every", every), rounds, _seconds("--scan-every", scan_every), apart_s)


def _seconds(option: str, text: str) -> float:
    from sessiondoctor.errors import UsageError
    from sessiondoctor.topology.scalars import Duration
    from sessiondoctor.topology.texts import QuotableError

    try:
        return float(Duration.parse(text))
    except QuotableError as error:
        raise UsageError(f"{option} {text}: {error}") from error


def _address(text: str) -> tuple[str, int] | None:
    from sessiondoctor.errors import UsageError

    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and len(port) <= 5 and int(port) < 65536):
        raise UsageError(f"--metrics-listen {text}: expected an address and a port, such as 127.0.0.1:9764")
    return host.strip("[]"), int(port)


def _words(command: str) -> tuple[str, ...]:
    import shlex

    from sessiondoctor.errors import UsageError

    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"--on-alert: {error}") from error
