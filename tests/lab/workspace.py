"""One laboratory: a folder, its ports and its processes, gone together when it closes."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.lab.ports import Ports
from tests.lab.process import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from tests.lab.process import Server


class Workspace:
    """Where servers are started; a context manager.

    Attributes:
        directory: the folder; its path is short because Unix socket paths are limited to about 100 characters.
        env: variables that all its processes get, besides their own.
        usual_ports: for each port given out, the one that real installations use; sample reports show that.
        servers: what was started, by name.
    """

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        self.env = dict(env or {})
        self.directory = Path(tempfile.mkdtemp(prefix="sd", dir="/tmp"))
        # Servers started by root read their files as another user.
        self.directory.chmod(0o755)
        self.usual_ports: dict[int, int] = {}
        self.servers: dict[str, Any] = {}
        self._ports = Ports()
        self._running: dict[str, Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed(list(self._running)):
            self.stop(name)
        self._ports.release()
        shutil.rmtree(self.directory)

    def port(self, usual: int) -> int:
        """A free port on 127.0.0.1 that stands for the port `usual`."""
        port = self._ports.take()
        self.usual_ports[port] = usual
        return port

    def start(self, *servers: Server) -> None:
        """Start them at the same time and wait until all are ready. Raises `LabError`."""
        for server in servers:
            home = self.directory / server.name
            home.mkdir(exist_ok=True)
            self.servers[server.name] = server
            command = server.prepare(home)
            command = replace(command, env={**self.env, **command.env})
            self._running[server.name] = Process(server.name, command, home)
        for server in servers:
            self.wait_for(server.name, server.ready)

    def wait_for(self, name: str, fact: Callable[[], bool]) -> None:
        """Wait until a running server has come to a state. Raises `LabError` with its log when it does not."""
        self._running[name].wait_until(fact)

    def stop(self, name: str) -> None:
        """End one server."""
        self._running.pop(name).stop()

    def restart(self, *names: str, **changes: Any) -> None:
        """End servers, one after the other, and start each again, in its folder, with changes to its settings."""
        for name in names:
            self.stop(name)
            self.start(replace(self.servers[name], **changes))
