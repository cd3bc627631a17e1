"""How many requests the clients of one target may send."""

from __future__ import annotations

import asyncio

from sessiondoctor.errors import Unavailable


class Spent(Unavailable):
    """The planned number of requests, or their time, is used up."""


class Budget:
    """How many more requests may be sent, and until when; shared by all clients of one target.

    Args:
        requests: the number that the plan announced.
        seconds: from the first request.
    """

    def __init__(self, requests: int, seconds: float) -> None:
        self._left = requests
        self._seconds = seconds
        self._ends_at: float | None = None

    def take(self) -> None:
        """Count one request.

        Raises:
            Spent: it may not be sent.
        """
        now = asyncio.get_running_loop().time()
        if self._ends_at is None:
            self._ends_at = now + self._seconds
        if self._left <= 0 or now > self._ends_at:
            raise Spent("the planned number of requests is used up")
        self._left -= 1
