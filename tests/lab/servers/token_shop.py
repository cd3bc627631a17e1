"""Flask with JSON Web Tokens by joserfc instead of sessions.

Under Flask's own server: gunicorn sleeps between its workers, which faketime's clock does not let it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from joserfc.jwk import ECKey

from tests.lab.process import Command
from tests.lab.readiness import healthy
from tests.lab.servers.express import faketime

if TYPE_CHECKING:
    from collections.abc import Sequence

APPS = Path(__file__).parent.parent / "apps"


@dataclass(frozen=True, slots=True)
class Pair:
    """A key pair: two of one `kid` but another `make` are different keys."""

    kid: str
    make: str = ""

    def generate(self) -> ECKey:
        """A new one."""
        return ECKey.generate_key("P-256", {"kid": self.kid})


@dataclass(frozen=True, slots=True)
class TokenShop:
    """One node: signs with the first of `pairs` and verifies with all of them; `keys` are those once generated.

    `lifetime` and `leeway` are seconds; `clock` is an offset such as "-90s" or "" for the real time.
    """

    name: str
    port: int = 0
    pairs: tuple[Pair, ...] = (Pair("2026-1"),)
    keys: tuple[ECKey, ...] = ()
    lifetime: int = 3600
    leeway: int = 0
    clock: str = ""

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    def prepare(self, home: Path) -> Command:
        """Write the private key that it signs with, and the public ones."""
        signing, public = home / "signing.jwk", home / "jwks.json"
        signing.write_text(json.dumps(self.keys[0].as_dict(private=True)))
        public.write_text(json.dumps(key_set(self.keys)))
        env = {
            "NODE": self.name,
            "SIGNING_KEY": str(signing),
            "KEY_SET": str(public),
            "LIFETIME": str(self.lifetime),
            "LEEWAY": str(self.leeway),
            "PYTHONPATH": str(APPS),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        place = ("--host", "127.0.0.1", "--port", str(self.port))
        argv = (sys.executable, "-m", "flask", "--app", "token_app", "run", *place)
        return Command(argv, {**env, **faketime(self.clock)})

    def ready(self) -> bool:
        """Whether it answers its health check."""
        return healthy(self.port)


def key_set(keys: Sequence[ECKey]) -> dict[str, Any]:
    """The public halves as a JSON Web Key Set."""
    return {"keys": [key.as_dict(private=False) for key in keys]}
