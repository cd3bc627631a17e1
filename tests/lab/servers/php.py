"""PHP with its own session handlers, under its built-in server, which is one process."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.lab.errors import LabError
from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

APP = Path(__file__).parent.parent / "apps" / "index.php"


@dataclass(frozen=True, slots=True)
class Php:
    """One node.

    `save_path` is where Redis is, with `auth`, `database` and `prefix` as its query; empty means files in the node's
    own folder, or in `folder`. `lifetime` is session.gc_maxlifetime in seconds. `strict` refuses ids that no
    session has. `rotate` is whether logging in changes the session id. `csrf` is where tokens are kept. `locking`
    is whether a session in Redis is locked; files always are. `handler` memcached takes `save_path` for a list of
    servers; `consistent` is how it spreads sessions over them, `prefix` stands before their ids. `workers` is how
    many requests the server takes at once. `cookie_lifetime` is session.cookie_lifetime in seconds, 0 until the browser
    is closed; PHP sets the cookie once and never renews it.
    """

    name: str
    port: int = 0
    save_path: str = ""
    folder: str = ""
    serializer: Literal["php", "php_serialize", "igbinary"] = "php"
    lifetime: int = 1800
    strict: bool = False
    cookie: str = "PHPSESSID"
    cookie_domain: str = ""
    cookie_path: str = "/"
    secure: bool = False
    same_site: Literal["", "Lax", "Strict", "None"] = ""
    rotate: bool = True
    csrf: Literal["session", "local"] = "session"
    locking: bool = False
    handler: Literal["redis", "memcached"] = "redis"
    consistent: bool = True
    prefix: str = "memc.sess.key."
    workers: int = 1
    cookie_lifetime: int = 0

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    def prepare(self, home: Path) -> Command:
        """Write php.ini."""
        files = home / "sessions"
        files.mkdir()
        ini = home / "php.ini"
        ini.write_text("\n".join(f'{name} = "{value}"' for name, value in self._settings(files).items()) + "\n")
        php = Program("php", "php-cli").path()
        if self.save_path:
            _insist_on(php, self.handler)
        env = {"NODE": self.name, "ROTATE": str(int(self.rotate)), "CSRF": self.csrf}
        if self.workers > 1:
            env["PHP_CLI_SERVER_WORKERS"] = str(self.workers)
        return Command((php, "-c", str(ini), "-S", f"127.0.0.1:{self.port}", str(APP)), env)

    def ready(self) -> bool:
        """Whether it answers its health check."""
        return healthy(self.port)

    def _settings(self, files: Path) -> dict[str, str | int]:
        return {
            "session.save_handler": self.handler if self.save_path else "files",
            "memcached.sess_consistent_hash": int(self.consistent),
            "memcached.sess_prefix": self.prefix,
            "session.save_path": self.save_path or self.folder or str(files),
            "session.serialize_handler": self.serializer,
            "session.gc_maxlifetime": self.lifetime,
            "session.cookie_lifetime": self.cookie_lifetime,
            "session.use_strict_mode": int(self.strict),
            "session.name": self.cookie,
            "session.cookie_domain": self.cookie_domain,
            "session.cookie_path": self.cookie_path,
            "session.cookie_secure": int(self.secure),
            "session.cookie_httponly": 1,
            "session.cookie_samesite": self.same_site,
            "redis.session.locking_enabled": int(self.locking),
            "redis.session.lock_retries": 500,
            "expose_php": 0,
            "display_errors": 0,
            "log_errors": 1,
        }


def _insist_on(php: str, module: str) -> None:
    """PHP starts without the module of its session handler, and then has no sessions."""
    modules = subprocess.run([php, "-m"], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
    if module not in modules.split():
        raise LabError(f"php has no module {module}: apt-get install php-{module}")
