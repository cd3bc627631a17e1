"""Values as configuration files write them: durations, sizes, booleans, endpoints."""

from __future__ import annotations

import re
from math import isfinite
from urllib.parse import unquote, urlsplit

from sessiondoctor.patterns import regex

_UNITS = {
    "ms": 0.001, "us": 1e-6, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hour": 3600.0, "hours": 3600.0, "d": 86400.0, "day": 86400.0, "days": 86400.0,
    "w": 604800.0, "week": 604800.0, "weeks": 604800.0, "y": 31536000.0,
}  # fmt: skip
_PART = regex(r"(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)[ ]?([a-zA-Z]{0,8})")
_ISO = regex(
    r"P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:\.[0-9]+)?S)?)?", re.IGNORECASE
)
_SPAN = regex(r"(?:([0-9]{1,6})\.)?([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?")
_SIZES = {"": 1, "b": 1, "k": 1024, "kb": 1024, "ki": 1024, "kib": 1024, "m": 1024**2, "mb": 1024**2, "mi": 1024**2,
          "mib": 1024**2, "g": 1024**3, "gb": 1024**3, "gi": 1024**3, "gib": 1024**3}  # fmt: skip


def seconds(word: str, unit: float = 1.0) -> float | None:
    """A duration: `30m`, `1h30m`, `PT30M`, `00:20:00`, or a bare number of `unit` seconds; None for anything else."""
    word = word.strip().strip("\"'")
    if found := _SPAN.fullmatch(word):
        days, hours, minutes, rest = (int(part or 0) for part in found.groups())
        return days * 86400.0 + hours * 3600 + minutes * 60 + rest
    if word[:1] in "Pp" and len(word) > 1 and (found := _ISO.fullmatch(word)):
        days, hours, minutes, rest = (int(part or 0) for part in found.groups())
        return days * 86400.0 + hours * 3600 + minutes * 60 + rest
    parts = _PART.findall(word)
    if not parts or "".join(number + name for number, name in parts) != word.replace(" ", ""):
        return None
    if any(name.lower() not in _UNITS for _, name in parts if name) or (
        len(parts) > 1 and not all(n for _, n in parts)
    ):
        return None
    total = sum(float(number) * (_UNITS[name.lower()] if name else unit) for number, name in parts)
    return total if isfinite(total) else None


def size(word: str) -> int | None:
    """Bytes: `16k`, `4 MB`, `1Gi`; None for anything else."""
    found = re.fullmatch(r"([0-9]{1,12})\s?([a-zA-Z]{0,3})", word.strip())
    factor = _SIZES.get(found[2].lower()) if found else None
    return int(found[1]) * factor if found and factor else None


def whole(word: str) -> int | None:
    """A whole number of at most nine digits; None for anything else."""
    word = word.strip().strip("\"'")
    return int(word) if re.fullmatch(r"-?[0-9]{1,9}", word) else None


def boolean(word: str) -> bool | None:
    """True, yes, on, 1 and their opposites in any case; None for anything else."""
    word = word.strip().strip("\"'").lower()
    if word in {"true", "yes", "on", "1", "enabled"}:
        return True
    return False if word in {"false", "no", "off", "0", "disabled"} else None


def endpoint(url: str, port: int = 0) -> tuple[str, str]:
    """Where a store's URL leads, `host:port` or a path, and its database; never user or password.

    Also `host:port,password=...` (StackExchange.Redis) and a bare host. Empty if it is filled in by a variable.
    """
    url = url.strip().strip("\"'")
    if "${" in url or "$(" in url or "{{" in url or "TEMPLATED" in url:
        return "", ""
    first = url.split(",", 1)[0] if "://" not in url else url
    try:
        parts = urlsplit(first if "://" in first else f"x://{first}")
        number = parts.port or port
    except ValueError:
        return "", ""
    if parts.scheme in {"unix", "file", "redis+socket", "sqlite"}:
        return parts.path, ""
    host = (parts.hostname or "").rstrip(".")
    where = f"{host}:{number}" if host and number else host
    return where, unquote(parts.path.strip("/"))
