"""One line of a log without what its way added: docker, containerd, journald, kubectl, compose, JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor.logs.dates import date_of, number_date

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRAPPERS = tuple(
    re.compile(wrapper)
    for wrapper in (
        r"^\[?(?:pod/)?[\w.-]{1,120}/[\w.-]{1,120}(?:/[\w.-]{1,120})?\]? (?=\S)",  # kubectl logs --prefix
        r"^[\w.-]{1,60}(?:[-_]\d{1,4})? {1,40}\| ",  # docker compose
        r"^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP] ",  # containerd (CRI)
        r"^<\d{1,3}>(?:1 )?",  # syslog's priority
        r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,64} [\w./@-]{1,64}(?:\[\d{1,8}\])?: ",  # journald, syslog
    )
)
_CONTINUES = re.compile(
    r"\s|at [\w$.<]|Caused by: |\.\.\. \d+ (?:more|common)|--- End of |#\d{1,3} "
    r"|(?:[\w$]{1,60}\.){0,12}\w{1,80}(?:Exception|Error)(?::|$)"
)
_LEVEL = re.compile(
    r"^\W{0,2}(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|info|warn|fail|crit)\b"
)
_DATES = (
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "@t",
    "datetime",
    "asctime",
    "eventTime",
    "__REALTIME_TIMESTAMP",
    "date",
)
_DEEPEST = 6
_NO_DATE = 1e30
_MOST_VALUES = 60


@dataclass(frozen=True, slots=True)
class Line:
    """What a program wrote, and when.

    Attributes:
        continues: it belongs to the event above it: a line of a stack trace.
    """

    text: str
    at: float | None
    continues: bool


def read_line(raw: str, year: int) -> Line:
    """Reads one line as it stands in the file."""
    at = date_of(raw, year)
    text = _unwrapped(raw)
    if text.startswith("{"):
        read = _from_json(text, year)
        if read:
            return Line(read[0], read[1] if read[1] is not None else at, _continues(read[0], year))
    return Line(text, at, _continues(text, year))


def _unwrapped(text: str) -> str:
    for wrapper in _WRAPPERS:
        found = wrapper.match(text)
        if found:
            text = text[found.end() :]
    return text


def _continues(text: str, year: int) -> bool:
    if _LEVEL.match(text) or date_of(text[:40], year) is not None:
        return False
    return bool(_CONTINUES.match(text))


def _from_json(text: str, year: int) -> tuple[str, float | None] | None:
    """All texts of a JSON object, one below the other, and its date; None if it is no JSON."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    values = [value for _, value in zip(range(_MOST_VALUES), _strings(found), strict=False)]
    return "\n".join(values).rstrip("\n"), _json_date(found, year)


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value.encode("utf-8", "replace").decode()  # half of a pair (\ud800), where a log was cut, is no text
    elif depth < _DEEPEST:
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _strings(item, depth + 1)


def _json_date(found: dict[str, Any], year: int) -> float | None:
    for key in _DATES:
        value = found.get(key)
        if isinstance(value, str) and value.isdecimal():
            value = float(value[:20])
        if isinstance(value, int | float):
            return number_date(float(value) if abs(value) < _NO_DATE else _NO_DATE)
        if isinstance(value, str):
            return date_of(value, year)
    return None
