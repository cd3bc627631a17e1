"""Regular expressions that are compiled when they are first used: of most modules that are loaded few are asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    from re import Pattern


def regex(text: AnyStr, flags: int = 0) -> Pattern[AnyStr]:
    """The same as `re.compile`, later."""
    return cast("Pattern[AnyStr]", _Uncompiled(text, flags))


class _Uncompiled:
    """Becomes the compiled pattern's methods, one by one, as they are asked for."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._asked = (text, flags)

    def __getattr__(self, name: str) -> Any:
        text, flags = self._asked
        compiled = self.__dict__.setdefault("_compiled", None) or re.compile(text, flags)
        self.__dict__["_compiled"] = compiled
        found = self.__dict__[name] = getattr(compiled, name)
        return found
