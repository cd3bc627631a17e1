"""Express on Node.js, with express-session and connect-redis."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.lab.cache import cached, run
from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

APP = Path(__file__).parent.parent / "apps" / "express"


@dataclass(frozen=True, slots=True)
class Express:
    """One node.

    An empty `store_url` is express-session's MemoryStore, `cookie` is cookie-session; `max_age` in seconds, 0 is a
    session cookie. A `store_url` that is no URL is a list of memcached servers. `ttl` in seconds is the store's,
    for cookies without max_age. `clock` is an offset such as "-45m" or "" for the real time. `mount` is the path
    the shop lives under. `rotate` is whether logging in changes the session id. `csrf` is where tokens are kept.
    `touch` is whether reading a session renews it in the store, `expires` whether it gets an expiry there at all.
    `cookie` is the name of the session cookie. `version` is what the header X-App-Version says; version 2 looks for the
    cart under another name. `flap_s` is for how many seconds its health check fails, after as many in which it does
    not. `bound` is whether a session that comes from another address is destroyed. `domain` is whether the session
    cookie's Domain is the host that the request names. `named` is whether its answers name the node, `prg` whether it
    answers a POST to the cart by a redirect. `late_ms` is how long after the answer a session is
    saved. `token_header` is the header that the session travels in, in place of its cookie. `fails_every` is
    which of its requests for the cart it answers with 503, as under load: each third, say; 0 for none.
    `thrown_away_after` is after how many views of the cart the application destroys the session.
    """

    name: str
    port: int = 0
    store_url: str = ""
    secret: str = ""
    prefix: str = "sess:"
    ttl: int = 1800
    max_age: int = 0
    cookie_path: str = "/"
    secure: bool = False
    trust_proxy: bool = True
    mount: str = "/"
    clock: str = ""
    rotate: bool = True
    csrf: Literal["session", "local"] = "session"
    touch: bool = True
    expires: bool = True
    cookie: str = "connect.sid"
    version: str = ""
    flap_s: float = 0.0
    bound: bool = False
    domain: bool = False
    named: bool = True
    prg: bool = False
    late_ms: int = 0
    token_header: str = ""
    fails_every: int = 0
    thrown_away_after: int = 0

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}{self.mount.rstrip('/')}/"

    def prepare(self, home: Path) -> Command:
        """Install the modules once; write .env, the file a deployment would have."""
        env = self._env()
        (home / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()))
        modules = cached("express", (APP / "package.json").read_bytes(), _install)
        node = Program("node", "nodejs").path()
        runtime = {"NODE_PATH": str(modules / "node_modules"), "NODE_ENV": "production", **faketime(self.clock)}
        return Command((node, str(APP / "app.js")), {**env, **runtime})

    def ready(self) -> bool:
        """Whether it answers its health check."""
        return healthy(self.port)

    def _env(self) -> dict[str, str]:
        return {
            "PORT": str(self.port),
            "NODE": self.name,
            "SECRET": self.secret,
            "STORE": _store(self.store_url),
            "REDIS_URL": self.store_url,
            "PREFIX": self.prefix,
            "TTL_S": str(self.ttl),
            "COOKIE_PATH": self.cookie_path,
            "COOKIE_SECURE": str(int(self.secure)),
            "COOKIE_MAX_AGE_S": str(self.max_age or ""),
            "TRUST_PROXY": str(int(self.trust_proxy)),
            "MOUNT": self.mount,
            "ROTATE": str(int(self.rotate)),
            "CSRF": self.csrf,
            "DISABLE_TOUCH": str(int(not self.touch)),
            "DISABLE_TTL": str(int(not self.expires)),
            "COOKIE_NAME": self.cookie,
            "VERSION": self.version,
            "FLAP_S": str(self.flap_s),
            "BOUND": str(int(self.bound)),
            "COOKIE_DOMAIN": str(int(self.domain)),
            "NAMED": str(int(self.named)),
            "PRG": str(int(self.prg)),
            "LATE_MS": str(self.late_ms),
            "TOKEN_HEADER": self.token_header,
            "FAILS_EVERY": str(self.fails_every),
            "THROWN_AWAY_AFTER": str(self.thrown_away_after),
        }


def faketime(clock: str) -> dict[str, str]:
    """The environment in which a program's clock is off by `clock`, such as "-45m"; none for the real time."""
    if not clock:
        return {}
    return {
        "LD_PRELOAD": str(_libfaketime()),
        "FAKETIME": clock,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "NO_FAKE_STAT": "1",
    }


def _store(url: str) -> str:
    """redis:// is Redis, host:port,host:port are memcached servers, nothing is the memory of the process."""
    if url in {"", "cookie"}:
        return url or "memory"
    return "redis" if "://" in url else "memcached"


def _install(folder: Path) -> None:
    shutil.copy(APP / "package.json", folder)
    run(Program("npm", "npm").path(), "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)


def _libfaketime() -> Path:
    Program("faketime", "faketime").path()
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
