"""`sessiondoctor collect`: the evidence of one scan in a file, to be judged elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.outcome.bundle import Bundle
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.scan import Order
    from sessiondoctor.wire.client import Wire

Output = Annotated[Path, typer.Option("--output", "-o", metavar="BUNDLE", help="Write the bundle here, a zip archive.")]


@o.takes("target", "symptoms", *o.PROBING)
def collect(job: o.Job, output: Output) -> None:
    """Gather the evidence of a scan in one file, without secrets; `judge BUNDLE` says what it means.

    Passwords, cookies, session ids and keys are taken out. Names and addresses stay: the report needs them.

    Exit codes: 0 all was seen; 2 a mistake on the command line or in a file; 3 something could not be looked at;
    4 sessiondoctor itself failed; 130 interrupted.
    """
    raise typer.Exit(_run(job, output))


def _run(job: o.Job, output: Path) -> int:
    import asyncio

    from sessiondoctor.cli.files import replace, writable
    from sessiondoctor.cli.job import probed, run
    from sessiondoctor.cli.output import say
    from sessiondoctor.cli.signals import Held
    from sessiondoctor.outcome.bundle import pack

    if job.plan_only:
        return run(job)
    file = writable(output, "bundle")
    with Held() as held:
        bundle = asyncio.run(held.watch(probed(job, _gather)))
        content = pack(bundle, output.name)
        replace(file, content, "bundle")
    if not job.quiet:
        say(f"{output}: {len(content) / 1000:.0f} kB; judge it with `sessiondoctor judge {output}`\n")
    return held.code or _exit_code(bundle.gathered)


async def _gather(order: Order, wire: Wire, progress: Progress) -> Bundle:
    import os

    from sessiondoctor.pipeline.bundles import bundle_of
    from sessiondoctor.pipeline.scan import gather

    gathered, redactor = await gather(order, wire, progress)
    return bundle_of(order, gathered, redactor, os.environ)


def _exit_code(gathered: Gathered) -> int:
    from sessiondoctor.errors import ExitCode
    from sessiondoctor.outcome.exit_code import could_not_look

    if gathered.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.UNSEEN if gathered.cut or could_not_look(gathered) else ExitCode.CLEAR
