"""The process that takes nodes out and puts them back, whatever becomes of the drill.

    python -m sessiondoctor.experiments.drill.guard

A session of its own, deaf to the signals that end the drill. It alone changes anything, one thing after the other, so
that nothing of the drill can still be under way when it undoes. It is told what to do by lines of JSON on its standard
input, answers each with one, and undoes all that is left when the input ends, as it does when the drill is killed, or
when nothing was said for too long while a node is out.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from sessiondoctor.experiments.drill.actions import Outage, done, from_document, put_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

_DEAF = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP", "SIGPIPE")


def main() -> None:
    """Does what the input says, and at its end undoes what is left."""
    for name in _DEAF:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _heard)
    line = sys.stdin.readline()
    if not line:  # killed before it said anything: nothing was changed
        return
    first = json.loads(line)
    outages = {one["node"]: from_document(one) for one in first["outages"]}
    out: dict[str, Outage] = {}
    _answer({"ready": True})
    for asked in _asked(first["seconds"], out):
        outage = outages[asked["node"]]
        if "by" in asked:
            out[outage.node] = outage  # before it is done: half done is undone, too
            way = next(way for way in outage.ways if way.by == asked["by"])
            trouble = done(way.actions)
        else:
            trouble = put_back(outage)
            if not trouble:
                out.pop(outage.node, None)
        _answer({"id": asked["id"], "trouble": trouble})
    for outage in out.values():
        _say(_told(outage, put_back(outage)))


def _heard(_number: int, _frame: FrameType | None) -> None:
    """Nothing is done. To ignore a signal would be inherited by a node that is started here: it would be deaf, too."""


def _asked(seconds: float, out: Mapping[str, Outage]) -> Iterator[dict[str, Any]]:
    """Lines of the input until its end, or until so long nothing was said while a node is out.

    A thread reads: Windows cannot wait for a pipe otherwise.
    """
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    with contextlib.suppress(queue.Empty, json.JSONDecodeError):
        while line := lines.get(timeout=seconds if out else None):
            yield json.loads(line)


def _told(outage: Outage, trouble: str) -> str:
    if not trouble:
        return f"the drill ended before its time; {outage.node} was put back"
    by_hand = "; ".join(action.by_hand for action in outage.undo)
    return f"the drill ended before its time, and {outage.node} is not back: {trouble}; by hand: {by_hand}"


def _answer(document: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more, and the input will say so
        os.write(sys.stdout.fileno(), json.dumps(document).encode() + b"\n")


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"sessiondoctor: {text}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
