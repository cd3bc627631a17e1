"""JSON Web Tokens in compact form: what header and claims say, unverified (RFC 7519, RFC 7515)."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from sessiondoctor.formats.encoded import base64_octets

_LONGEST = 16 * 1024
_COMPACT = re.compile(r"[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*")
_LONGEST_NAME = 200
_YEAR_9999 = 253_402_300_800


@dataclass(frozen=True, slots=True)
class Claims:
    """The registered parts that matter here; times in unix seconds, None where they are not given.

    Attributes:
        algorithm: of the signature, such as RS256.
        key_id: `kid`, which key of the set signed it; empty if it is not said.
        issued_at: `iat`; not_before: `nbf`; expires_at: `exp`.
    """

    algorithm: str
    key_id: str
    issued_at: float | None
    not_before: float | None
    expires_at: float | None


def read_jwt(text: str) -> Claims | None:
    """What a token says; None if it is none."""
    if len(text) > _LONGEST or not _COMPACT.fullmatch(text):
        return None
    header, claims = (_object(part) for part in text.split(".")[:2])
    algorithm = _word(header.get("alg"))
    if not algorithm or not claims:
        return None
    times = (_time(claims.get(name)) for name in ("iat", "nbf", "exp"))
    return Claims(algorithm, _word(header.get("kid")), *times)


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64_octets(part))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _word(value: object) -> str:
    return value[:_LONGEST_NAME] if isinstance(value, str) else ""


def _time(value: object) -> float | None:
    """NumericDate: seconds, whole or not (RFC 7519, 2)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and 0 <= value < _YEAR_9999 else None
