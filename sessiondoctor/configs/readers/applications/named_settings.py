"""Any file of `name: value` or `name = value` lines that names a session's secret or store as many products do.

YAML, INI, TOML and properties alike: Grafana, oauth2-proxy, Gitea, Mastodon, products in Go. The last resort: a reader
that knows the product comes first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import environment
from sessiondoctor.configs.environment import Variable
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "settings file that names a session's secret or store (YAML, INI, TOML)"
_NAMES = {
    "secret_key": "SECRET_KEY", "session_secret": "SESSION_SECRET", "session_key": "SESSION_KEY",
    "cookie_secret": "COOKIE_SECRET", "secret_key_base": "SECRET_KEY_BASE", "jwt_secret": "JWT_SECRET",
    "redis_url": "REDIS_URL", "redis_connection_url": "REDIS_URL", "session_redis_url": "SESSION_REDIS_URL",
    "auth_secret": "AUTH_SECRET", "nextauth_secret": "NEXTAUTH_SECRET", "jwt_secret_key": "JWT_SECRET_KEY",
}  # fmt: skip
_LINE = regex(r"[ \t]*[\"']?([a-zA-Z][\w-]{2,40})[\"']?[ \t]*[:=][ \t]*([^\n]{0,500}?)[ \t\r]*,?[ \t]*")
_TELLING = regex(
    r"^[ \t]*[\"']?(?:session_?secret|cookie_?secret|secret_?key|session_?key|jwt_?secret)[\"']?[ \t]*[:=]",
    re.IGNORECASE | re.MULTILINE,
)


def score(name: str, head: str) -> int:
    """A secret's usual name before a colon or an equals sign; far below every reader that knows the product."""
    code = re.search(
        r"^[ \t]*(?:import |from \w|def |const |let |var |class |function |<\?php|#include)", head, re.MULTILINE
    )
    prose = name.endswith((".md", ".rst", ".txt", ".log"))
    return 24 if not code and not prose and _TELLING.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """The secrets and stores that are named; of a name that stands twice the first."""
    found: dict[str, Variable] = {}
    for number, line in enumerate(text.text.split("\n"), 1):
        match = _LINE.fullmatch(line.split(" #", 1)[0])
        name = _NAMES.get(match[1].lower().replace("-", "_")) if match else None
        if match and name:
            found.setdefault(name, Variable(name, match[2].strip("\"'"), text.at(number, match.start(1) + 1)))
    yield from environment.facts(found.values(), text)
