"""`sessiondoctor collect`: the evidence of one scan in a file, to be judged elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.outcome.bundle import Bundle
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.probes.browser.left_session import LeftSession
    from sessiondoctor.redact import Redactor
    from sessiondoctor.wire.client import Wire

Output = Annotated[Path, typer.Option("--output", "-o", metavar="BUNDLE", help="Write the bundle here, a zip archive.")]
Leave = Annotated[
    Path | None,
    typer.Option(
        "--leave-session", metavar="FILE",
        help="Leave one throw-away session, for --resume after a deploy. The file holds its cookies; its mode is 0600.",
    ),
]  # fmt: skip


class YesNo(StrEnum):
    """Yes or no."""

    YES = "yes"
    NO = "no"


KeepNames = Annotated[
    YesNo,
    typer.Option(
        "--keep-names",
        metavar="YES|NO",
        help="no: stable tokens in the place of host names and addresses, to share the bundle outside.",
    ),
]
_LEAVE_S = 30.0


@dataclass(frozen=True, slots=True)
class _Collected:
    """A bundle, and the session that was left; `trouble` says why there is none."""

    bundle: Bundle
    left: LeftSession | None = None
    trouble: str = ""


@o.takes("target", "symptoms", *o.PROBING)
def collect(job: o.Job, output: Output, leave_session: Leave = None, keep_names: KeepNames = YesNo.YES) -> None:
    """Gather the evidence of a scan in one file, without secrets; `judge BUNDLE` says what it means.

    Passwords, cookies, session ids and keys are taken out. Names and addresses stay, unless --keep-names no.

    Exit codes: 0 all was seen; 2 a mistake on the command line or in a file; 3 something could not be looked at;
    4 sessiondoctor itself failed; 130 interrupted.
    """
    raise typer.Exit(_run(job, output, leave_session, keep_names=keep_names is YesNo.YES))


def _run(job: o.Job, output: Path, leave_session: Path | None, *, keep_names: bool) -> int:

    from sessiondoctor.cli.documents.files import replace, writable
    from sessiondoctor.cli.documents.output import say
    from sessiondoctor.cli.job import probed, run
    from sessiondoctor.cli.signals import Held
    from sessiondoctor.errors import ExitCode
    from sessiondoctor.outcome.bundle import pack

    if job.plan_only:
        return run(job)
    file = writable(output, "bundle")
    if leave_session:
        writable(leave_session, "session")
    with Held() as held:
        found = held.run(probed(job, partial(_gather, leave=bool(leave_session), names=keep_names)))
        content = pack(found.bundle, output.name)
        replace(file, content, "bundle")
        if leave_session and found.left:
            _keep(leave_session, found.left)
    if not job.quiet:
        say(f"{output}: {len(content) / 1000:.0f} kB; judge it with `sessiondoctor judge {output}`\n")
    if leave_session:
        say(_told(leave_session, found))
    code = held.code or _exit_code(found.bundle.gathered)
    return ExitCode.UNSEEN if found.trouble and code == ExitCode.CLEAR else code


def _keep(file: Path, left: LeftSession) -> None:
    from sessiondoctor.cli.documents.files import replace
    from sessiondoctor.probes.browser.left_session import written

    replace(file, written(left), "session", secret=True)


def _told(file: Path, found: _Collected) -> str:
    if not found.left:
        return f"no session was left: {found.trouble or 'interrupted'}\n"
    return (
        f"{file}: the cookies of a session, for your eyes only; after the deploy\n"
        f"`sessiondoctor collect --resume {file} -o AFTER`, then `sessiondoctor diff BEFORE AFTER`\n"
    )


async def _gather(order: Order, wire: Wire, progress: Progress, *, leave: bool, names: bool) -> _Collected:
    import os

    from sessiondoctor.pipeline.bundles import bundle_of, without_names
    from sessiondoctor.pipeline.scan import gather

    gathered, redactor = await gather(order, wire, progress)
    left, trouble = await _left(order, wire, redactor) if leave and not gathered.interrupted else (None, "")
    bundle = bundle_of(order, gathered, redactor, os.environ)
    if not names:
        bundle = without_names(bundle, order.topology, redactor.key, order.catalogue)
    return _Collected(bundle, left, trouble)


async def _left(order: Order, wire: Wire, redactor: Redactor) -> tuple[LeftSession | None, str]:
    """The session that is left; else why there is none."""
    import asyncio

    from sessiondoctor.context import Context
    from sessiondoctor.errors import Unavailable
    from sessiondoctor.probes.entry.resumed import leave

    try:
        async with asyncio.timeout(_LEAVE_S):
            return await leave(Context(order.topology, order.options, wire, redactor, _nothing)), ""
    except Unavailable as error:
        return None, f"{error.reason}; {error.hint}" if error.hint else error.reason
    except TimeoutError:
        return None, f"no answer within {_LEAVE_S:g} s"


async def _nothing(_: type[object]) -> object:
    raise AssertionError("leaving a session needs no evidence")


def _exit_code(gathered: Gathered) -> int:
    from sessiondoctor.errors import ExitCode
    from sessiondoctor.outcome.exit_code import could_not_look

    if gathered.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.UNSEEN if gathered.cut or could_not_look(gathered) else ExitCode.CLEAR
