"""Plain data against the model, by pydantic, with every misfit in the words of the file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import TypeAdapter, ValidationError

from sessiondoctor.topology import hints
from sessiondoctor.topology.model import Topology
from sessiondoctor.topology.texts import QuotableError, Surroundings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from sessiondoctor.topology.document import Document

_EXPECTED = {
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "dataclass_type": "keys and values",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
}
"""What pydantic's errors say was expected, by their type."""


def validate(document: Document, around: Surroundings) -> Topology | None:
    """The topology; None where the document has problems, which it then knows."""
    try:
        return adapter().validate_python(document.data, context=around)
    except ValidationError as error:
        for misfit in error.errors(include_url=False, include_input=False):
            _report(document, misfit)
    return None


@cache
def adapter() -> TypeAdapter[Topology]:
    """Pydantic's view of the model."""
    return TypeAdapter(Topology)


def _report(document: Document, misfit: ErrorDetails) -> None:
    path, kind = misfit["loc"], misfit["type"]
    if kind == "missing":
        _report_missing(document, path)
    elif path[-1:] == ("[key]",):
        document.blame_key(path[:-1], str(misfit["ctx"]["error"]))
    elif kind == "value_error":
        document.blame_value(path, _explained(document, path, misfit["ctx"]["error"]))
    elif kind == "literal_error":
        document.blame_value(path, _choices(document, path))
    else:
        expected = _EXPECTED.get(kind, "something else")
        document.blame_value(path, f"expected {expected}, found {document.kind(path)}")


def _report_missing(document: Document, path: tuple[str | int, ...]) -> None:
    if path in document.places:
        document.blame_value(path, "expected a value, found nothing")
    elif not document.is_blamed(path[:-1]):
        document.blame_key(path[:-1], f"the key '{path[-1]}' is missing")


def _explained(document: Document, path: tuple[str | int, ...], error: Exception) -> str:
    return f"{error}, found {document.quoted(path)}" if isinstance(error, QuotableError) else str(error)


def _choices(document: Document, path: tuple[str | int, ...]) -> str:
    choices: tuple[Any, ...] = get_args(hints.plain(document.place(path).hint))
    found = document.quoted(path)
    if len(choices) == 1:
        return f"expected {choices[0]}, found {found}"
    near = hints.did_you_mean(document.written(path), [str(choice) for choice in choices])
    return f"{found} is not one of {', '.join(map(str, choices))}{near}"
