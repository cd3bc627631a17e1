"""The JSON Schema of the topology file, made from the model; editors complete and check with it."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any

from sessiondoctor.topology import hints, model, steps
from sessiondoctor.topology.validate import adapter

ID = "urn:sessiondoctor:topology:1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ENTRY = re.compile(r"^(\w+): (.*(?:\n +.*)*)", re.MULTILINE)
_KEPT = ("required", "minProperties", "maxProperties")
_DROPPED = ("title", "default", "propertyNames")
_NARROW = {"pattern", "format", "enum", "const"}
_NULL = {"type": "null"}


def topology_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the topology file.

    What it cannot say is left to the loader: that names and files exist, and that `${NAME}` is set.
    """
    root = adapter().json_schema()
    sections = {name: _section(name, schema) for name, schema in root.pop("$defs").items() if _has_keys(name)}
    head = {"$schema": DIALECT, "$id": ID, "title": "sessiondoctor topology"}
    return {**head, **_section("Topology", root), "$defs": dict(sorted(sections.items()))}


def _has_keys(name: str) -> bool:
    """Whether it is part of the file, and not what the loader adds."""
    return bool(hints.keys(_dataclass(name)))


def _dataclass(name: str) -> type:
    """The section of this name."""
    found: type = {**vars(steps), **vars(model)}[name]
    return found


def _section(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    section = _dataclass(name)
    summary, texts = _described(section)
    required = schema.get("required", [])
    properties = {
        word: {"description": texts[word], **_property(schema["properties"][word], optional=word not in required)}
        for word in hints.keys(section)
    }
    kept: dict[str, Any] = {word: schema[word] for word in _KEPT if word in schema}
    return {
        "description": summary,
        "type": "object",
        "properties": properties,
        **kept,
        "additionalProperties": False,
    }


def _described(section: type) -> tuple[str, dict[str, str]]:
    """The first lines of a docstring, and its entries under `Attributes`, of the bases as well."""
    texts: dict[str, str] = {}
    for each in reversed(section.__mro__):
        entries = (inspect.cleandoc(each.__doc__ or "")).partition("Attributes:")[2]
        found = _ENTRY.findall(textwrap.dedent(entries).strip("\n"))
        texts.update({hints.word(name): _one_line(text) for name, text in found})
    summary = inspect.cleandoc(section.__doc__ or "").partition("Attributes:")[0]
    return _one_line(summary), texts


def _property(schema: dict[str, Any], *, optional: bool) -> dict[str, Any]:
    """One key; an optional one may stand empty, which YAML reads as null."""
    tidy = _tidied(schema)
    default = {"default": schema["default"]} if schema.get("default") else {}
    if not optional:
        return {**tidy, **default}
    choices = [each for each in tidy.get("anyOf", [tidy]) if each != _NULL]
    return {"anyOf": [*choices, _NULL], **default}


def _tidied(schema: Any) -> Any:
    """Without pydantic's titles and defaults; a text without a pattern may be written as a number."""
    if isinstance(schema, list):
        return [_tidied(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: _tidied(value) for key, value in schema.items() if key not in _DROPPED}
    if tidy.get("type") == "string" and not _NARROW & set(tidy):
        tidy["type"] = ["string", "number", "boolean"]
    return tidy


def _one_line(text: str) -> str:
    return " ".join(text.split())
