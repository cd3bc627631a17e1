"""Flask under gunicorn, with sessions in signed cookies, or in memcached by Flask-Session."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.lab.process import Command
from tests.lab.readiness import healthy

APPS = Path(__file__).parent.parent / "apps"


@dataclass(frozen=True, slots=True)
class Flask:
    """One node. `ballast` is how many random bytes each session carries; `cookie_domain` empty means host-only.

    `csrf` is where tokens are kept. Without a `secret` each of the `workers` processes makes one up.
    `servers` are those of memcached, separated by commas; without any, sessions are in cookies.
    """

    name: str
    port: int = 0
    secret: str = ""
    cookie_domain: str = ""
    secure: bool = False
    ballast: int = 0
    csrf: Literal["session", "local"] = "session"
    workers: int = 1
    servers: str = ""
    prefix: str = "session:"

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    def prepare(self, home: Path) -> Command:
        """Write .env, the file a deployment would have."""
        env = {
            "NODE": self.name,
            "SECRET": self.secret,
            "COOKIE_DOMAIN": self.cookie_domain,
            "COOKIE_SECURE": str(int(self.secure)),
            "BALLAST": str(self.ballast),
            "CSRF": self.csrf,
            "MEMCACHED": self.servers,
            "KEY_PREFIX": self.prefix,
        }
        (home / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()))
        runtime = {"PYTHONPATH": str(APPS), "PYTHONDONTWRITEBYTECODE": "1"}
        return Command((sys.executable, "-m", "gunicorn", *self._options(), "flask_app:app"), {**env, **runtime})

    def ready(self) -> bool:
        """Whether it answers its health check."""
        return healthy(self.port)

    def _options(self) -> tuple[str, ...]:
        return (
            "-b",
            f"127.0.0.1:{self.port}",
            "-w",
            str(self.workers),
            "--threads",
            "4",
            "--worker-tmp-dir",
            "/dev/shm",
            "--no-control-socket",
        )
