"""Cookies that ASP.NET splits because browsers keep no more than 4096 octets: `X=chunks-2`, `XC1=...`, `XC2=...`.

Source: ChunkingCookieManager.cs of ASP.NET Core; that of Katana, for ASP.NET, writes `chunks:2`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNT = re.compile(r"chunks[-:]([1-9][0-9]?)")  # a hundred chunks would be 400 KB: no server reads such headers
_CHUNK = re.compile(r"(.+)C[1-9][0-9]?", re.DOTALL)


def joined(name: str, value: str, cookies: Mapping[str, str]) -> str:
    """The whole value of a cookie; the value itself if it is not split or a part is missing, as ASP.NET has it.

    Args:
        name: of the cookie.
        value: of the cookie.
        cookies: all that came with it, by name.
    """
    count = _count(value)
    parts = [cookies.get(f"{name}C{number}", "") for number in range(1, count + 1)]
    return "".join(parts) if count and all(parts) else value


def is_head(value: str) -> bool:
    """Whether a value only says how many parts there are: it is the same for everybody."""
    return _count(value) > 0


def is_chunk(name: str, cookies: Mapping[str, str]) -> bool:
    """Whether a cookie is a part of another one among these."""
    match = _CHUNK.fullmatch(name)
    return match is not None and is_head(cookies.get(match[1], ""))


def _count(value: str) -> int:
    match = _COUNT.fullmatch(value)
    return int(match[1]) if match else 0
