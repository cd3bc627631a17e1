"""Node: set-up code of Express, NestJS, Fastify, Koa, Next and Socket.IO, and PM2's ecosystem file.

By patterns on the text: what the code computes, or takes from another file, is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code.brackets import Code
from sessiondoctor.configs.code.node import cookie_sessions, processes, sessions, sockets, stores, tokens, trusts
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Express, NestJS, Next and Socket.IO set-up code, PM2 ecosystem (patterns on the text)"
_ONLY = regex(
    r"\bresave\s*:|\bsaveUninitialized\s*:|['\"](?:express-session|cookie-session|connect-redis|next-auth|iron-session"
    r"|socket\.io(?:-client)?|@socket\.io/[\w-]+|koa-session|@fastify/(?:secure-)?session|connect-mongo)['\"]"
    r"|\btrust proxy\b|\bcookieSession\s*\(|\bnew MemoryStore\s*\(|\bnew RedisStore\s*\(|\bexec_mode\s*:"
    r"|\btrustProxy\s*:|\bcluster\.fork\s*\(|\bio\.adapter\s*\(|\btransports\s*:\s*\[|\bNEXTAUTH_SECRET\b|\bdisableTouch\s*:"
    r"|\bsession\s*\(\s*\{"
    r"|\bsocket\.io\b|\bcookie\s*:\s*\{[^}\n]{0,200}\bmaxAge\b"
)
_WORDS = (
    "session", "Session", "resave", "saveUninitialized", "trust", "socket.io", "MemoryStore", "exec_mode",
    "cluster.fork", "io.adapter", "transports", "NEXTAUTH_SECRET", "disableTouch", "next-auth", "maxAge", "RedisStore",
)  # fmt: skip
_PYTHON = regex(r"^(?:from [\w.]+ import|import [\w.]+$|def \w+\(|<\?php)", re.MULTILINE)


def score(name: str, head: str) -> int:
    """Options and packages of session middleware, Socket.IO and PM2."""
    if not any(word in head for word in _WORDS):
        return 0
    found = len(_ONLY.findall(head))
    if not found or _PYTHON.search(head) or name.endswith((".json", ".lock", ".yaml", ".yml", ".md", ".py", ".rb")):
        return 0
    script = name.endswith((".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx"))
    return min(88, 56 + 7 * found) + (4 if script else 0)


def read(text: Text) -> Iterator[Fact]:
    """The facts of one file."""
    code = Code(text.text)
    for part in (sessions, cookie_sessions, tokens, trusts, stores, sockets, processes):
        yield from part(code, text)
