"""The memory in a file, so that a watch goes on where it was ended, however it was.

The file holds the cookies of throw-away sessions: it is for the reader's eyes only.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import UsageError
from sessiondoctor.experiments.watch.memory import Memory
from sessiondoctor.probes.browser.strict_json import parsed

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "sessiondoctor-watch-state/1"
LARGEST: Final = 8 * 1024 * 1024


def written(memory: Memory) -> bytes:
    """The memory as bytes of JSON."""
    return json.dumps({"schema": SCHEMA, "memory": asdict(memory)}).encode()


def read(file: Path, target: str) -> Memory:
    """The memory that a file holds; a new one where there is no file.

    Raises:
        UsageError: it is no such file, or one of another site.
    """
    try:
        memory = _memory(_bytes(file))
    except FileNotFoundError:
        return Memory(target)
    except OSError as error:
        raise UsageError(f"{file}: cannot read the state: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{file}: expected the state of a watch ({SCHEMA}); remove it, or give another") from None
    if memory.target != target:
        raise UsageError(f"{file}: is of {memory.target}, not of {target}; give another --state")
    return memory


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(file.name)
    return content


def _memory(content: bytes) -> Memory:
    """Raises ValueError, as pydantic and json do, where it is none."""
    from pydantic import TypeAdapter

    document = parsed(content)
    if document["schema"] != SCHEMA:
        raise ValueError(SCHEMA)
    memory = TypeAdapter(Memory).validate_python(document["memory"])
    if not all(isinstance(word, str) for key in memory.counts for word in ["", *parsed(key.encode())]):
        raise ValueError(SCHEMA)
    return memory
