"""Formats of access logs: said by the user in the words of the configuration, or guessed from the first lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sessiondoctor.logs.access.json_lines import json_lines
from sessiondoctor.logs.access.log_format import of_log_format
from sessiondoctor.logs.access.usual import usual
from sessiondoctor.logs.access.w3c import w3c

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.logs.access.request import Request

__all__ = ["AccessFormat", "guess", "of_log_format"]


class AccessFormat(Protocol):
    """How to read the lines of a log."""

    @property
    def name(self) -> str:
        """As a person calls it."""

    @property
    def cookie(self) -> str:
        """The session cookie's name; empty if no line has one."""

    @property
    def names_nodes(self) -> bool:
        """Whether lines say which node answered."""

    @property
    def names_sessions(self) -> bool:
        """Whether lines say of which session a request was."""

    def requests(self, block: bytes) -> Iterator[Request]:
        """Those of whole lines; what does not fit is passed over."""


def guess(lines: Sequence[bytes], cookie: str = "") -> AccessFormat | None:
    """The format that most of these lines fit; None if no known one fits."""
    plain = [line for line in lines if not line.startswith(b"#")]
    return w3c(lines, cookie) or json_lines(plain, cookie) or usual(plain, cookie)
