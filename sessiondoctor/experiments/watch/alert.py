"""A command that is told what has changed: no shell, bounded in time, what it is told on its standard input."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.experiments.watch.memory import Memory
    from sessiondoctor.experiments.watch.seen import Change

SCHEMA: Final = "sessiondoctor-watch-alert/1"
SECONDS: Final = 30.0
_FIRING: Final = frozenset({"cause-new", "cause-worse"})
_OVER: Final = frozenset({"cause-gone"})


def document_of(memory: Memory, changes: Sequence[Change], before: frozenset[str]) -> dict[str, Any] | None:
    """What there is to tell; None where nothing of it is worth an alert.

    Args:
        memory: after the round.
        changes: of the round.
        before: causes that counted until this round; what they do, such as further losses, has been told.
    """
    counting = {id_: cause for id_, cause in memory.causes.items() if cause.counts}
    fires = [one for one in changes if one.kind in _FIRING and one.subject in counting]
    fires += [one for one in changes if one.kind == "session-lost" and not before]
    over = [one for one in changes if one.kind in _OVER and one.subject in before]
    if not (fires or over):
        return None
    return {
        "schema": SCHEMA,
        "target": memory.target,
        "state": "firing" if fires or counting else "resolved",
        "causes": [
            {"cause": id_, "title": one.title, "severity": one.severity, "probability": one.probability,
             "where": one.where}
            for id_, one in counting.items()
        ],
        "changes": [{"kind": one.kind, "subject": one.subject, "text": one.text, "at": one.at} for one in changes],
    }  # fmt: skip


async def run(command: Sequence[str], document: dict[str, Any], seconds: float = SECONDS) -> str:
    """Run the command; why it failed, empty if it did not."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"cannot be started: {error.strerror}"
    try:
        async with asyncio.timeout(seconds):
            await process.communicate(f"{json.dumps(document)}\n".encode())
    except TimeoutError:
        return f"did not end within {seconds:g} s"
    finally:
        await _end(process)
    return f"ended with exit code {process.returncode}" if process.returncode else ""


async def _end(process: asyncio.subprocess.Process) -> None:
    """It and what it has started, if it still runs."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    await process.wait()
