"""Cookie names that hold the address a request was sent to, such as Jupyter's `username-127-0-0-1-8888`."""

from __future__ import annotations

import re
from functools import lru_cache

_SEPARATED = r"[-._]"
_ANY = "*"


def without_address(name: str, host: str, port: int) -> str:
    """The name with host and port taken out; as it is where it does not hold both."""
    return _pattern(host, port).sub(_ANY, name)


def readdressed(name: str, host: str, port: int, there: tuple[str, int]) -> str:
    """The name as the same server would give it at another host and port; unchanged where it holds no address.

    Signs between the parts stay as the server wrote them.
    """
    found = _pattern(host, port).search(name)
    if not found:
        return name
    sign = re.search(_SEPARATED, found[0])
    inside = re.sub(r"[.:]", sign[0] if sign else "-", there[0])
    return f"{name[: found.start()]}{inside}{sign[0] if sign else '-'}{there[1]}{name[found.end() :]}"


@lru_cache(maxsize=64)
def _pattern(host: str, port: int) -> re.Pattern[str]:
    parts = map(re.escape, re.split(r"[.:]", host))
    return re.compile(rf"{_SEPARATED.join(parts)}{_SEPARATED}{port}(?![0-9])", re.IGNORECASE)
