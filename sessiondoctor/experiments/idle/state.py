"""A run of the ladder in a file, so that it can go on after an interrupt.

The file holds the cookies of throw-away sessions: it is for the reader's eyes only, and worth deleting afterwards.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, cast

from sessiondoctor.errors import UsageError
from sessiondoctor.experiments.idle.ages import Reading
from sessiondoctor.experiments.idle.ladder import PARTS, Progress
from sessiondoctor.experiments.idle.visitors import Visitor
from sessiondoctor.probes.browser.strict_json import cookies_of, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA: Final = "sessiondoctor-idle-state/1"
LARGEST: Final = 16 * 1024 * 1024


def written(target: str, progress: Progress) -> bytes:
    """A run as bytes of JSON."""
    document = {
        "schema": SCHEMA,
        "target": target,
        "up_to_s": progress.up_to_s,
        "readings": {part: [[one.age_s, one.kept] for one in progress.readings[part]] for part in PARTS},
        "renewed": progress.renewed,
        "closer": progress.closer,
        "waiting": [{**asdict(one), "values": dict(one.values)} for one in progress.waiting],
    }
    return json.dumps(document, indent=1).encode()


def read(file: Path, target: str) -> Progress:
    """The run that a file holds.

    Raises:
        UsageError: it is no such file, or one of another site.
    """
    try:
        document = parsed(_bytes(file))
        if document["schema"] != SCHEMA:
            raise UsageError(f"{file}: expected the state of an idle ladder ({SCHEMA})")
        if document["target"] != target:
            raise UsageError(f"{file}: is of {document['target']}, not of {target}; give another --state")
        return _progress(document)
    except OSError as error:
        raise UsageError(f"{file}: cannot read the state: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise UsageError(f"{file}: expected the state of an idle ladder; it is damaged") from None


def of_target(file: Path) -> str:
    """Whose run a file holds; nothing for a file that is no state of a run."""
    try:
        document = json.loads(_bytes(file))
        return str(document["target"]) if document["schema"] == SCHEMA else ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(file.name)
    return content


def _progress(document: Mapping[str, Any]) -> Progress:
    return Progress(
        up_to_s=float(document["up_to_s"]),
        readings={part: [Reading(float(age), kept) for age, kept in document["readings"][part]] for part in PARTS},
        renewed={part: bool(document["renewed"][part]) for part in PARTS if part in document["renewed"]},
        closer=[part for one in document["closer"] for part in PARTS if part == one],
        waiting=[_visitor(one) for one in document["waiting"]],
    )


def _visitor(one: Mapping[str, Any]) -> Visitor:
    cookies = cookies_of(one["cookies"])
    part = cast("Any", one["part"])
    if part not in PARTS:
        raise ValueError(part)
    return Visitor(
        part,
        float(one["age_s"]),
        float(one["every_s"]),
        float(one["written_at"]),
        float(one["made_at"]),
        str(one["url"]),
        str(one["home"]),
        cookies,
        {str(name): str(value) for name, value in one["values"].items()},
    )
