"""A throw-away session in a file, so that a later scan can ask whether it has survived.

The file holds the session's cookies, and the key under which the tokens of its scan were made, so that those of the
later one can be compared with them: it is for its owner's eyes only, and worth deleting afterwards.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.errors import UsageError
from sessiondoctor.formats.jar import StoredCookie
from sessiondoctor.probes.browser.strict_json import cookies_of, parsed
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "sessiondoctor-left-session/1"
LARGEST: Final = 1024 * 1024
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class LeftSession:
    """One session that is kept on purpose.

    Attributes:
        target: what the scan was told; the scan that resumes is told the same.
        url: where the public entry led.
        left_at: unix seconds of its last request.
        life_s: seconds that its key had to live then; None if that is not known.
        cookies: secrets; `session` is the name of the one that is the session's.
        values: what its flow extracted, and the marker that it wrote; secrets.
        prefixes: what its key in a declared store starts with; empty if it was not found in one.
        key: of the tokens of the scan that left it.
    """

    target: str
    url: str
    left_at: float
    key: bytes = field(repr=False)
    session: str = ""
    life_s: float | None = None
    cookies: tuple[StoredCookie, ...] = field(default=(), repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    prefixes: tuple[str, ...] = ()

    @property
    def cookie(self) -> StoredCookie | None:
        """The session's own cookie."""
        return next((cookie for cookie in self.cookies if cookie.name == self.session), None)


def written(left: LeftSession) -> bytes:
    """As bytes of JSON."""
    document = {"schema": SCHEMA, **asdict(left), "key": base64.b64encode(left.key).decode()}
    return json.dumps(document, indent=1).encode()


def read(file: Path) -> LeftSession:
    """The session that a file holds.

    Raises:
        UsageError: it is no such file.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        return _left(parsed(content)) if len(content) <= LARGEST else _left({})
    except OSError as error:
        raise UsageError(f"{file}: cannot read the session that was left: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, UsageError):
        raise UsageError(f"{file}: expected a session that `collect --leave-session` wrote ({SCHEMA})") from None


def _left(document: Mapping[str, Any]) -> LeftSession:
    key = base64.b64decode(document["key"], validate=True)
    if document["schema"] != SCHEMA or len(key) != _KEY_BYTES:
        raise ValueError(SCHEMA)
    split_url(str(document["url"]))
    return LeftSession(
        target=str(document["target"]),
        url=str(document["url"]),
        left_at=float(document["left_at"]),
        key=key,
        session=str(document["session"]),
        life_s=None if document["life_s"] is None else float(document["life_s"]),
        cookies=cookies_of(document["cookies"]),
        values={str(name): str(value) for name, value in document["values"].items()},
        prefixes=tuple(map(str, document["prefixes"])),
    )
