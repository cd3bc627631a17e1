"""Reads a JSON report back, and says what one looks like."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import UsageError
from sessiondoctor.model import SCHEMA, Report

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 64 * 1024 * 1024  # bytes; a report of a thousand findings has one


def read_report(path: Path) -> Report:
    """Reads and checks a file written by `-f json`; `-` is standard input.

    Raises:
        UsageError: there is no such file, or it is no report of this schema; says where it departs.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        report = TypeAdapter(Report).validate_json(_read(path))
        json.dumps(dataclasses.asdict(report), allow_nan=False)  # NaN, or 1e999
    except ValidationError as error:
        raise UsageError(
            f"{path}: not a report of schema {SCHEMA}: {_first(error.errors(include_input=False))}"
        ) from error
    except ValueError as error:
        raise UsageError(f"{path}: not a report of schema {SCHEMA}: {error}") from error
    if report.schema != SCHEMA:
        raise UsageError(f"{path}: not a report of schema {SCHEMA}: its schema is {report.schema[:60]!r}")
    return report


def report_schema() -> dict[str, Any]:
    """The report's JSON Schema, draft 2020-12."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Report).json_schema(mode="serialization")
    schema["properties"]["schema"]["const"] = SCHEMA
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        **schema,
    }


def _read(path: Path) -> bytes:
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(_LARGEST + 1) if sys.stdin else b""
        else:
            with path.open("rb") as stream:
                data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot read the report: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path}: larger than {_LARGEST} bytes: not a report")
    return data.removeprefix(b"\xef\xbb\xbf")  # as some editors begin a file


def _first(errors: list[Any]) -> str:
    where = ".".join(str(part) for part in errors[0]["loc"])
    return f"{where}: {errors[0]['msg']}" if where else str(errors[0]["msg"])
