"""One server process: started in its own session, awaited, stopped by its own id."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tests.lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TAIL_BYTES = 4000
POLL_SECONDS = 0.02
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Program:
    """An executable and the Debian package that brings it."""

    name: str
    package: str

    def path(self) -> str:
        """Where it is, also for users without /usr/sbin in PATH. Raises `LabError` when it is nowhere."""
        found = shutil.which(self.name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if found is None:
            raise LabError(f"{self.name} is not installed: apt-get install {self.package}")
        return found


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: arguments and additions to the environment.

    Attributes:
        patience: how many seconds it may take to be ready.
        stop: the signal that ends it.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    patience: float = 30.0
    stop: signal.Signals = signal.SIGTERM


class Server(Protocol):
    """A product's settings: writes its configuration, says how to start it and when it is ready."""

    @property
    def name(self) -> str:
        """The name of its folder and process in the laboratory."""

    def prepare(self, home: Path) -> Command:
        """Write everything it needs into `home`."""

    def ready(self) -> bool:
        """Whether it serves by now; False also for "cannot be asked yet"."""


class Process:
    """A running server. Its log is in `home/<name>.log`, its process id in `home/pid`."""

    def __init__(self, name: str, command: Command, home: Path) -> None:
        self._name = name
        self._patience = command.patience
        self._signal = command.stop
        self._log = home / f"{name}.log"
        with self._log.open("wb") as log:
            self._popen = subprocess.Popen(
                # setpriv: the server also ends when we are killed and cannot stop it.
                [Program("setpriv", "util-linux").path(), "--pdeathsig", "TERM", "--", *command.argv],
                cwd=home,
                env={**os.environ, **command.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        (home / "pid").write_text(f"{self._popen.pid}\n")

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return when `ready()`. Raises `LabError` with the log's tail when it ends or takes too long."""
        limit = time.monotonic() + self._patience
        while not ready():
            if self._ended():
                raise LabError(f"{self._name} ended while starting:\n{self._tail()}")
            if time.monotonic() > limit:
                raise LabError(f"{self._name} is not ready after {self._patience:g} s:\n{self._tail()}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Its signal to the process, then SIGKILL to what is left of its group."""
        if self._popen.returncode is not None:
            return
        os.kill(self._popen.pid, self._signal)
        limit = time.monotonic() + STOP_SECONDS
        while not self._ended() and time.monotonic() < limit:
            time.sleep(POLL_SECONDS)
        # It has not been waited for, so its id still names our group and nobody else's.
        os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()

    def _ended(self) -> bool:
        """Whether the process has exited; it stays a zombie until `stop`."""
        return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _tail(self) -> str:
        return self._log.read_bytes()[-TAIL_BYTES:].decode(errors="replace")
