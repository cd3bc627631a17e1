"""What is done to a node, and what undoes it: commands of the operator, and lines to HAProxy's runtime API.

Data that goes to the guard as JSON, and blocking functions that the guard calls.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.evidence.experiments.drill import By
from sessiondoctor.experiments.drill.haproxy import RefusedError, ServerState, order, states

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND_S: Final = 60.0
"""The longest that a declared command may take."""
UNDO_S: Final = 25.0
"""How long it is tried to put a node back."""
_SOON_S = 0.25
_LATER_S = 4.0
_SAID = 200  # characters of what a command says when it fails


@dataclass(frozen=True, slots=True)
class Action:
    """One command.

    Attributes:
        text: a declared command, which no shell runs, or a line to the runtime API.
        place: where HAProxy's runtime API is; empty for a declared command.
        folder: where a declared command is run.
        node, key: whose it is, and what the topology calls it. A command may hold secrets: what we say names it so.
    """

    text: str
    place: str = ""
    folder: str = ""
    node: str = ""
    key: str = ""

    @property
    def title(self) -> str:
        """What it is, in words without secrets."""
        return self.text if self.place else f"nodes[].{self.key} of {self.node}"

    @property
    def by_hand(self) -> str:
        """What a person types to do the same."""
        if not self.place:
            return f"run nodes[].{self.key} of {self.node}"
        address = self.place.removeprefix("tcp://").removeprefix("unix:").removeprefix("//")
        kind = "tcp" if self.place.startswith("tcp:") else "unix-connect"
        return f"echo {shlex.quote(self.text)} | socat stdio {shlex.quote(f'{kind}:{address}')}"


@dataclass(frozen=True, slots=True)
class Removal:
    """One way to take a node out."""

    by: By
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Outage:
    """All that is done to one node.

    Attributes:
        ways: one after the other, the gentlest first.
        undo: puts it back, whichever were done.
        servers: what each HAProxy calls it: the place of its runtime API and `backend/server`.
    """

    node: str
    ways: tuple[Removal, ...]
    undo: tuple[Action, ...]
    servers: tuple[tuple[str, str], ...] = ()


def done(actions: tuple[Action, ...]) -> str:
    """Do them in order, up to the first that fails; why that one did, else nothing."""
    for action in actions:
        if trouble := _run(action):
            return trouble
    return ""


def put_back(outage: Outage, seconds: float = UNDO_S) -> str:
    """Undo all, again and again until it holds; what is still wrong when the seconds are over, else nothing."""
    ends, pause_s = time.monotonic() + seconds, _SOON_S
    left = list(outage.undo)
    while True:
        troubles = {action: trouble for action in left if (trouble := _run(action))}
        left = list(troubles)
        trouble = next(iter(troubles.values()), "") or not_in_service(outage)
        if not trouble or time.monotonic() > ends:
            return trouble
        time.sleep(pause_s)
        pause_s = min(_LATER_S, 2 * pause_s) if left else _SOON_S


def not_in_service(outage: Outage) -> str:
    """Which of its servers HAProxy keeps out, in words; empty if it keeps none, or knows none of this node."""
    for place in dict.fromkeys(place for place, _ in outage.servers):
        try:
            known = {one.path: one for one in states(place)}
        except RefusedError as error:
            return str(error)
        for path in (path for where, path in outage.servers if where == place):
            if path not in known:
                return f"HAProxy has no server {path} any more"
            if not known[path].in_service:
                return f"HAProxy says that {path} is {_words(known[path])}"
    return ""


def _words(state: ServerState) -> str:
    return "taken out" if state.admin else "not up"


def as_document(outage: Outage) -> dict[str, Any]:
    """As JSON."""
    return asdict(outage)


def from_document(document: Mapping[str, Any]) -> Outage:
    """What `as_document` made."""
    ways = tuple(Removal(way["by"], _actions(way["actions"])) for way in document["ways"])
    servers = tuple((place, path) for place, path in document["servers"])
    return Outage(document["node"], ways, _actions(document["undo"]), servers)


def _actions(documents: list[dict[str, str]]) -> tuple[Action, ...]:
    return tuple(Action(**each) for each in documents)


def _run(action: Action) -> str:
    if not action.place:
        return _command(action)
    try:
        order(action.place, action.text)
    except RefusedError as error:
        return str(error)
    return ""


def _command(action: Action) -> str:
    """A declared command. What it leaves running may keep its output open, so that goes to a file."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's own command, with consent and without a shell
                shlex.split(action.text), cwd=action.folder or None, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except OSError as error:
            return f"{action.title} cannot be run: {error.strerror}"
        try:
            code = process.wait(COMMAND_S)
        except subprocess.TimeoutExpired:
            _kill(process)
            return f"{action.title} did not end within {COMMAND_S:.0f} s"
        said.seek(0)
        words = " ".join(said.read(4 * _SAID).decode(errors="replace").split())[:_SAID]
    return f"{action.title} ended with status {code}{': ' if words else ''}{words}" if code else ""


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
