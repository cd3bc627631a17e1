"""Access logs among the logs that the topology declares."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.errors import Undeclared
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.logs import declared_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Topology


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe for each file that may be one."""
    declared = tuple(declared_logs(topology))
    if not declared:
        hint = "declare load_balancers[].logs: access logs with the session cookie and the node of each request"
        yield Absent(AccessLog, "site", "no access log is declared", hint)
    for owner, file in declared:
        yield Probe(AccessLog, owner, f"the access log {file}", {}, partial(_ask, owner, file))


async def _ask(owner: str, file: str, context: Context) -> AccessLog:
    """The counts.

    Raises:
        Undeclared: it is no access log of a known format.
    """
    from sessiondoctor.logs.files import read_access_log

    log = await asyncio.to_thread(read_access_log, file, owner, context.topology.site.session_cookie)
    if not log.format:
        raise Undeclared(f"{file} is no access log of a known format")
    return log
