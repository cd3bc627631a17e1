"""What a database says instead of an answer, in words for the user; never in its own, which quote SQL and values."""

from __future__ import annotations

import re
from typing import Any, Literal

from sessiondoctor.errors import Unavailable

Why = Literal[
    "refused", "timeout", "dns", "tls", "closed", "auth", "forbidden", "busy", "missing", "too-large", "other",
]  # fmt: skip


class SqlTrouble(Unavailable):
    """A database does not answer as it should; `why` names how."""

    def __init__(self, reason: str, *, why: Why, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.why: Why = why


_WORDS: dict[Why, tuple[str, str]] = {
    "refused": ("connection refused", ""),
    "timeout": ("no answer in time", ""),
    "dns": ("the name was not found", ""),
    "tls": ("TLS with it fails", "say in the url what it wants, such as ?sslmode=require"),
    "closed": ("the connection was lost", ""),
    "auth": ("does not accept this user, password or address", "correct user and password in the store's url"),
    "forbidden": ("does not let this user read it", "GRANT SELECT on the table of sessions to this user"),
    "busy": ("takes no more connections, or is starting up", ""),
    "missing": ("there is no such database, table or file", "correct the store's url and table"),
    "too-large": ("a stored value is larger than is read", ""),
    "other": ("answers with an error", ""),
}
_ACTIONS = frozenset({"auth", "forbidden", "busy", "other"})  # words that say what the database does
# PostgreSQL's SQLSTATE (manual, appendix A), by its beginning.
_STATES: tuple[tuple[str, Why], ...] = (
    ("57014", "timeout"), ("55P03", "timeout"), ("25P03", "timeout"), ("28", "auth"), ("3D", "missing"),
    ("3F", "missing"), ("42P01", "missing"), ("42703", "missing"), ("42501", "forbidden"), ("53300", "busy"),
    ("57P03", "busy"), ("57P", "closed"), ("08", "closed"),
)  # fmt: skip
# MySQL's and MariaDB's error numbers (errmsg).
_NUMBERS: dict[int, Why] = {
    1044: "forbidden", 1142: "forbidden", 1143: "forbidden", 1227: "forbidden", 1045: "auth", 1698: "auth",
    1130: "auth", 1049: "missing", 1146: "missing", 1054: "missing", 1040: "busy", 1203: "busy", 1205: "timeout",
    1969: "timeout", 3024: "timeout", 1317: "timeout", 2003: "refused", 2006: "closed", 2013: "closed", 2026: "tls",
}  # fmt: skip
# libpq has no code for a connection that fails; SQLite has one that Python 3.11 tells.
_PHRASES: tuple[tuple[str, Why], ...] = (
    (r"connection refused|no such file or directory.*socket", "refused"),
    (r"timeout expired|timed out|interrupted", "timeout"),
    (r"could not translate host name|failed to resolve host|name or service not known", "dns"),
    (r"password|authentication|role .* does not exist|pg_hba\.conf", "auth"),
    (r"database .* does not exist|no such table|no such column|unable to open database", "missing"),
    (r"too many (?:clients|connections)|starting up|shutting down|remaining connection slots|locked", "busy"),
    (r"ssl|tls|certificate", "tls"),
    (r"closed the connection|connection reset|broken pipe", "closed"),
    (r"string or blob too big", "too-large"),
    (r"not a database|malformed", "other"),
)


def refusal(place: str, error: BaseException) -> SqlTrouble:
    """What to raise for an exception of a driver, given or inside one of SQLAlchemy."""
    original = getattr(error, "orig", None) or error
    why = _why(original)
    words, hint = _WORDS[why]
    if why == "other":
        words = f"{words}{_code(original)}"
    return SqlTrouble(f"{place}{' ' if why in _ACTIONS else ': '}{words}", why=why, hint=hint)


def too_late(place: str) -> SqlTrouble:
    """What to raise when our own patience ends."""
    return SqlTrouble(f"{place}: {_WORDS['timeout'][0]}", why="timeout")


def too_much(place: str) -> SqlTrouble:
    """What to raise when a database floods us."""
    return SqlTrouble(f"{place}: sends more than an answer can have, and is not read further", why="other")


def _code(error: Any) -> str:
    """The number of an error, which quotes nothing."""
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or (*error.args, "")[0]
    return f": {code}" if re.fullmatch(r"[0-9A-Z_]{1,40}", str(code)) else ""


def _why(error: Any) -> Why:
    number, state = next(iter(getattr(error, "args", ())), None), getattr(error, "sqlstate", None)
    if isinstance(number, int):
        return _by_number(number, getattr(error, "original_exception", None))
    if isinstance(state, str):
        return next((why for start, why in _STATES if state.startswith(start)), "other")
    text = str(error)[:2000].lower()
    return next((why for pattern, why in _PHRASES if re.search(pattern, text, re.DOTALL)), "other")


def _by_number(number: int, cause: BaseException | None) -> Why:
    """PyMySQL has one number for everything that keeps it from connecting."""
    if isinstance(cause, TimeoutError):
        return "timeout"
    if cause and type(cause).__name__ == "gaierror":
        return "dns"
    if cause and not isinstance(cause, ConnectionRefusedError | FileNotFoundError):
        return "closed"
    return _NUMBERS.get(number, "other")
