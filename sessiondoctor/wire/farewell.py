"""HTTP/2 says goodbye in the middle of a conversation: GOAWAY, and still answers what it has accepted.

h2 takes every GOAWAY for the end of the connection and refuses to read on, so that the answer that comes with it would
be lost. nginx says it with the last answer that `keepalive_requests` allows, Envoy with `max_requests_per_connection`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hyperframe.exceptions import HyperframeError
from hyperframe.frame import Frame, GoAwayFrame

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER = 9  # bytes: RFC 9113 section 4.1
_LONGEST = 1024
_NO_ERROR = 0


class Farewells:
    """Passes frames on, and keeps those back that end a connection in peace.

    Args:
        answered: the stream that is being answered, as the server numbers them.

    Attributes:
        heard: one was kept back: the connection may not be used for another request.
    """

    def __init__(self, answered: Callable[[], int]) -> None:
        self.heard = False
        self._answered = answered
        self._kept = bytearray()
        self._passing = 0  # bytes of the current frame that are still to come

    def passed(self, data: bytes) -> bytes:
        """What of the bytes so far the other side shall see; what is not understood is not held up."""
        self._kept += data
        out = bytearray()
        while self._kept and (self._passing or self._next_frame()):
            out += self._kept[: self._passing]
            taken = min(self._passing, len(self._kept))
            del self._kept[:taken]
            self._passing -= taken
        return bytes(out)

    def _next_frame(self) -> bool:
        """Whether the next frame, which begins here, is to be passed on; False to wait for more of it."""
        while len(self._kept) >= _HEADER:
            try:
                frame, length = Frame.parse_frame_header(memoryview(bytes(self._kept[:_HEADER])))
            except HyperframeError:  # for h2 to refuse
                self._passing = sys.maxsize
                return True
            end = _HEADER + length
            if not isinstance(frame, GoAwayFrame) or length > _LONGEST:
                self._passing = end
                return True
            if len(self._kept) < end:
                return False
            if not self._is_peaceful(frame, bytes(self._kept[_HEADER:end])):
                self._passing = end
                return True
            self.heard = True
            del self._kept[:end]
        return False

    def _is_peaceful(self, frame: GoAwayFrame, body: bytes) -> bool:
        try:
            frame.parse_body(memoryview(body))
        except HyperframeError:
            return False
        return frame.error_code == _NO_ERROR and frame.last_stream_id >= self._answered()
