"""`--rehearse`: the declared flow run once, step by step, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import ExitCode
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.redact import scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.flows.rehearsal import RehearsedStep, Run
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.wire.client import Wire

_CHECK: Final = "site-gives-no-page"
_WAYS: Final = {
    "site": "Through the entry, by one client on one connection",
    "apart": "Through the entry, with requests of other clients in between",
    "raw": "Through the entry, by a client without a browser's rules for cookies",
    "node": "On {} alone",
}


async def rehearse(order: Order, wire: Wire, progress: Progress) -> tuple[str, int]:
    """Run the flow and nothing else; the text, and the exit code."""
    from sessiondoctor.pipeline.scan import gather

    only = replace(order, checks=(order.catalogue.checks[_CHECK],))
    gathered, redactor = await gather(only, wire, progress)
    piece = next(iter(gathered.of(Rehearsal)), None)
    if piece is None or piece.value is None:
        reason = (piece.unavailable or piece.skipped) if piece else "the flow was not run"
        return f"{reason}\n", ExitCode.UNSEEN
    found = scrubbed(piece.value, redactor)
    fine = found.works and not found.no_page
    return "".join(f"{line}\n" for line in _lines(found)), ExitCode.CLEAR if fine else ExitCode.UNSEEN


def _lines(found: Rehearsal) -> Iterator[str]:
    for run in found.runs:
        yield from _run(run)
        yield ""
    if found.no_page:
        yield f"{found.no_page}."
    elif not found.declared:
        yield "The site gives pages. Declare site.flow (write and read, or login and logged_in) to see state kept."
    else:
        yield "The flow works." if found.works else f"The flow is not understood: {found.why}."
    if found.logins:
        yield f"Logins: {found.logins}."


def _run(run: Run) -> Iterator[str]:
    yield f"{_WAYS[run.way].format(run.node)}:"
    width = max((len(step.step) for step in run.steps), default=0)
    for step in run.steps:
        told = "; ".join(_told(step))
        yield f"  {step.part:<9}  {step.step:<{width}}  {step.status or '---'}  {step.node or '?':<6}  {told}".rstrip()


def _told(step: RehearsedStep) -> Iterator[str]:
    if step.trouble:
        yield step.trouble
    dropped = [name.partition(":")[0] for name in step.dropped]
    kept = [name for name in step.set_cookies if name not in dropped]
    if kept:
        yield f"sets {', '.join(kept)}"
    yield from (f"a browser drops {cookie}" for cookie in step.dropped)
    if step.extracted:
        yield f"extracts {', '.join(step.extracted)}"
    if step.marker:
        yield f"the marker is {step.marker}"
