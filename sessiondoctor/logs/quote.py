"""Lines of a log as a report may quote them: without what opens a session."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessiondoctor.redact import Redactor

LONGEST = 300
_GIVEN = r"[\w.-]{0,40}[\"']?\s{0,3}[=:]\s{0,3}[\"']?(?:Bearer |Basic )?)([^\s\"',;&\])}]{1,4096})"
_NAMED = re.compile(rf"(?i)\b([\w.-]{{0,40}}(?:sess|sid|token|cookie|csrf|xsrf|nonce|ticket){_GIVEN}")
_SECRET = re.compile(rf"(?i)\b([\w.-]{{0,40}}(?:passw|pwd|secret|authorization|credential|api[_-]?key){_GIVEN}")
_BRACKETED = re.compile(r"(?i)(sess\w{0,10}(?:[ _-]?id)?[ =:]{0,2}[\[<(])([^\]>)\s]{4,400})(?=[\]>)])")
_USERINFO = re.compile(r"(://)([^/\s@]{1,200})(@)")
_OPAQUE = re.compile(r"[A-Za-z0-9+/_=%-]{16,}")
_HEX = re.compile(r"[0-9A-Fa-f]{16,}")
_CLASSES = re.compile(r"[A-Za-z][a-z]+(?:[A-Z0-9]+[a-z]*)*")


def quoted(text: str, redactor: Redactor, keep: frozenset[str] = frozenset()) -> str:
    """One line, at most `LONGEST` characters; session ids, tokens and passwords as tokens of this run.

    `keep` is what a signature has taken out of the line to show it: identifiers of keys, classes, members.
    """
    line = "".join(char if char.isprintable() else " " for char in text[: LONGEST * 4]).strip()

    def hide(value: str) -> str:
        return value if value.strip("{}") in keep else redactor.token(value)

    line = _USERINFO.sub(lambda m: f"{m[1]}***{m[3]}", line)
    line = _SECRET.sub(r"\1***", line)
    line = _BRACKETED.sub(lambda m: m[1] + hide(m[2]), line)
    line = _NAMED.sub(lambda m: m[1] + (m[2] if _is_plain(m[2]) else hide(m[2])), line)
    line = _OPAQUE.sub(lambda m: m[0] if _is_plain(m[0]) else hide(m[0]), line)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."


def _is_plain(value: str) -> bool:
    """Whether a value is made of words, or is a number: nothing that was drawn at random."""
    if value.startswith(("sid:", "key:")) or value.isdigit():
        return True
    if _HEX.fullmatch(value) and not value.isdigit():
        return False
    pieces = re.split(r"[^A-Za-z0-9]+", value)
    return all(not piece or (piece.isalpha() and _looks_written(piece)) or _short(piece) for piece in pieces)


def _looks_written(piece: str) -> bool:
    """A word or CamelCase; random letters change between cases all the time."""
    changes = sum(a.islower() != b.islower() for a, b in pairwise(piece))
    return changes <= max(2, len(piece) // 3)


def _short(piece: str) -> bool:
    return len(piece) < 10 and (piece.isdigit() or bool(_CLASSES.fullmatch(piece)) or len(piece) < 5)
