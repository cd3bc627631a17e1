"""Text that no output may show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_STARS = "***"


class Secret:
    """Text that may hold a password, such as a store's URL: it never shows itself, `reveal()` does.

    It is no `str`, because everything that writes text would write it. What makes a document of it (`str`, a format,
    pydantic, `dataclasses.asdict` and whatever is made of that) gets stars.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for whoever connects with it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __str__(self) -> str:
        return _STARS if self._text else ""

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> str:
        """Stars: `dataclasses.asdict` copies what it does not know, and its result is to be written."""
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Stars, too: a pickle is a document."""
        return Secret, (str(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # only the loader needs pydantic

        text = core_schema.str_schema()
        return core_schema.no_info_after_validator_function(
            cls, text, serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=text)
        )
