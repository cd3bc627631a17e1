"""Django under gunicorn."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.lab.process import Command
from tests.lab.readiness import healthy

APPS = Path(__file__).parent.parent / "apps"


@dataclass(frozen=True, slots=True)
class Django:
    """One node. An empty `store_url` with the engine `cache` is Django's cache in the memory of the process.

    A `store_url` that is no URL is a list of memcached servers. `database_url` is for the engine `db`. `fallbacks` are
    older keys, separated by commas. `age` is SESSION_COOKIE_AGE in seconds; `sliding` is whether every request extends
    it, which is not Django's default. `browser_session` is whether the cookie has no end of its own. `rotate` logs in
    as Django does: a new session id, and a hash in the session that is compared at each request. `csrf` is where tokens
    are kept. `workers` are processes, each with memory of its own.
    """

    name: str
    port: int = 0
    engine: Literal["cache", "signed_cookies", "file", "db"] = "cache"
    store_url: str = ""
    database_url: str = ""
    prefix: str = "shop"
    secret: str = ""
    fallbacks: str = ""
    age: int = 1800
    sliding: bool = True
    browser_session: bool = False
    cookie: str = "sessionid"
    cookie_domain: str = ""
    cookie_path: str = "/"
    secure: bool = False
    same_site: Literal["Lax", "Strict", "None"] = "Lax"
    rotate: bool = True
    csrf: Literal["session", "cookie", "local"] = "session"
    workers: int = 1

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    def prepare(self, home: Path) -> Command:
        """Write .env, the file a deployment would have."""
        files = home / "sessions"
        files.mkdir()
        env = self._env(files)
        (home / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()))
        runtime = {"PYTHONPATH": str(APPS), "PYTHONDONTWRITEBYTECODE": "1"}
        return Command((sys.executable, "-m", "gunicorn", *self._options(), "django_app:app"), {**env, **runtime})

    def ready(self) -> bool:
        """Whether it answers its health check."""
        return healthy(self.port)

    def _env(self, files: Path) -> dict[str, str]:
        return {
            "NODE": self.name,
            "SECRET": self.secret,
            "SECRET_FALLBACKS": self.fallbacks,
            "ENGINE": self.engine,
            "CACHE": _cache(self.store_url),
            "REDIS_URL": self.store_url,
            "DATABASE_URL": self.database_url,
            "KEY_PREFIX": self.prefix,
            "FILES": str(files),
            "AGE": str(self.age),
            "SAVE_EVERY_REQUEST": str(int(self.sliding)),
            "BROWSER_SESSION": str(int(self.browser_session)),
            "COOKIE_NAME": self.cookie,
            "COOKIE_DOMAIN": self.cookie_domain,
            "COOKIE_PATH": self.cookie_path,
            "COOKIE_SECURE": str(int(self.secure)),
            "COOKIE_SAMESITE": self.same_site,
            "ROTATE": str(int(self.rotate)),
            "CSRF": self.csrf,
        }

    def _options(self) -> tuple[str, ...]:
        address = f"127.0.0.1:{self.port}"
        return (
            "-b",
            address,
            "-w",
            str(self.workers),
            "--threads",
            "4",
            "--worker-tmp-dir",
            "/dev/shm",
            "--no-control-socket",
        )


def _cache(store_url: str) -> str:
    """redis:// is Redis, host:port,host:port are memcached servers, nothing is the memory of the process."""
    if not store_url:
        return "locmem"
    return "redis" if "://" in store_url else "memcached"
