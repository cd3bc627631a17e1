"""`sessiondoctor demo`: see it work, without a site of your own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import completion, signals
from sessiondoctor.cli import options as o
from sessiondoctor.cli.documents.output import say
from sessiondoctor.errors import ExitCode

if TYPE_CHECKING:
    from sessiondoctor.demo.cluster import Cluster

_DEFAULT = "signing-secret-mismatch"
_WITHOUT_FAULT = "sessiondoctor demo --fault none"


@o.takes(*o.SHOWN, "quiet")
def demo(
    job: o.Job,
    fault: Annotated[
        str,
        typer.Option(
            "--fault",
            metavar="CAUSE",
            autocompletion=completion.faults,
            help="The fault to inject; `none` for a healthy cluster.",
        ),
    ] = _DEFAULT,
    names: Annotated[bool, typer.Option("--list", help="List the faults and exit.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the cluster running until Ctrl-C.")] = False,
) -> None:
    """Start a small cluster on this machine with one fault, scan it, stop it.

    The exit code is that of the scan: 1 where the fault is found.
    """
    try:
        import fakeredis  # noqa: F401 - the demo's store

        from sessiondoctor.demo.cluster import cluster
        from sessiondoctor.demo.faults import FAULTS
    except ImportError as error:
        from sessiondoctor.errors import UsageError

        raise UsageError(f"the demo needs {error.name}: pip install 'sessiondoctor[demo]'") from error
    if names:
        from sessiondoctor.cli.documents.output import show

        show("".join(f"{name}\n" for name in ("none", *FAULTS)))
        raise typer.Exit
    if fault not in FAULTS and fault != "none":
        from sessiondoctor.catalogue.loader import unknown

        raise unknown(fault, ("none", *FAULTS), "fault", "demo --list")
    from sessiondoctor.cli.job import run

    with ExitStack() as stack:
        running = stack.enter_context(cluster(fault))
        stack.callback(signals.ignore)  # before all else ends: a second Ctrl-C must not leave the folder behind
        _introduce(running)
        proof = "" if keep else _WITHOUT_FAULT  # the folder of the topology goes with the cluster
        code = run(replace(job, target=str(running.topology), proof=proof))
        if keep:
            _wait(running)
    raise typer.Exit(code)


def _introduce(running: Cluster) -> None:
    text = running.topology.read_text(encoding="utf-8")
    say(f"# {running.topology}\n{text}\n")


def _wait(running: Cluster) -> None:
    say(f"\nRunning; try: sessiondoctor scan {running.topology}\nCtrl-C stops it.\n")
    try:
        while True:
            time.sleep(1)
    except signals.Stopped as stop:
        say("stopped\n")
        if stop.code != ExitCode.INTERRUPTED:
            raise
