"""Visits every animal of the zoo at once: `python -m tests.fakes.hostile_visits SECONDS < urls.json`.

Prints what each visit ended with, how long it took and the most memory held, as JSON. A process of its own,
so that neither the servers' memory nor their time is counted.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from sessiondoctor.errors import Unreachable
from sessiondoctor.wire.client import Trust, Wire
from sessiondoctor.wire.message import Limits, Request, Response
from sessiondoctor.wire.pace import Pace
from sessiondoctor.wire.redirect import next_request


async def visit(wire: Wire, url: str) -> dict[str, object]:
    """Return the ending of one visit: its outcome, its text for a user, and its seconds."""
    began = time.perf_counter()
    try:
        request = Request(url, headers=(("Cookie", "sid=SECRET"),))
        final = await following(wire, request)
        outcome, text = f"{final.status}{' truncated' * final.truncated}", repr(final) + final.text[:0]
    except Unreachable as error:
        outcome, text = error.trouble, f"{error} {error.hint} {error!r}"
    return {"outcome": outcome, "text": text, "seconds": time.perf_counter() - began}


async def following(wire: Wire, request: Request) -> Response:
    """Return the response that all redirects led to."""
    final = await wire.send(request, trust=Trust(verify=False))
    for _ in range(wire.limits.redirects):
        onward = next_request(request, final)
        if onward is None:
            return final
        request = onward
        final = await wire.send(request, trust=Trust(verify=False))
    if next_request(request, final):
        raise Unreachable("more redirects than allowed", trouble="redirects")
    return final


async def visit_all(urls: dict[str, str], seconds: float) -> dict[str, object]:
    """Visit all at once."""
    async with Wire(limits=Limits(total_s=seconds), pace=Pace(at_once=100)) as wire:
        endings = await asyncio.gather(*(visit(wire, url) for url in urls.values()))
    return {"endings": dict(zip(urls, endings, strict=True)), "peak_mib": peak_mib()}


def peak_mib() -> float:
    """Return the most memory this process ever held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss of Linux counts the parent before exec, too
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    print(json.dumps(asyncio.run(visit_all(json.load(sys.stdin), float(sys.argv[1])))))  # noqa: T201
