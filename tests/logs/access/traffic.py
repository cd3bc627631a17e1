"""Requests drawn at random, and the lines that log them: what every engine must count alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN = 1_704_164_400  # 2024-01-02 03:00:00 UTC


@dataclass(frozen=True)
class Asked:
    """One request."""

    session: str
    node: str
    client: str
    second: int
    path: str
    status: int

    def line(self) -> str:
        """As nginx logs it."""
        time = datetime.fromtimestamp(BEGIN + self.second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        cookie = f"a=b; JSESSIONID={self.session}" if self.session else "-"
        return (
            f'{self.client} - - [{time}] "GET {self.path} HTTP/1.1" {self.status} 7 "-" "Mozilla/5.0 (ü)"'
            f' upstream="{self.node}" cookie="{cookie}"\n'
        )


NODES = ("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80")
SIGNATURE = "IIurAvHGgTWhY2LO1dgj3H7MSgeBcBQdMDssJZDMC54"  # as long as HMAC-SHA256 in base64
POD = "shop-app-canary-6d5f9c7b84-x2k4z".ljust(43, "0")
RETRIES = (f"{NODES[0]}, {NODES[1]}", f"{NODES[1]} : {NODES[0]}", f"{NODES[1]}, {NODES[1]}")
requests = st.builds(
    Asked,
    session=st.sampled_from(
        ["", "AAAAAAAA", "BBBBBBBB.app1", "BBBBBBBB.app2", "CCCCCCCC", f"DDDDDDDD.{SIGNATURE}", f"DDDDDDDD.{POD}"]
    ),
    node=st.sampled_from(
        [*NODES, "-", f"{NODES[0]}, {NODES[1]}", f"{NODES[1]} : {NODES[0]}", f"{NODES[1]}, {NODES[1]}"]
    ),
    client=st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "-"]),
    second=st.integers(0, 900),
    path=st.sampled_from(["/", "/cart/1?q=2", "/api/v1/x", "/api", "*"]),
    status=st.sampled_from([200, 302, 401, 403, 419, 502]),
)
traffic = st.lists(requests, min_size=1, max_size=40)
# So that the format is guessed from lines that say all.
FIRST = Asked("AAAAAAAA", NODES[0], "192.0.2.1", 0, "/", 200)


def log_of(asked: Sequence[Asked]) -> bytes:
    """The lines, with one that is none."""
    return "".join(one.line() for one in (FIRST, FIRST, *asked)).encode() + b"what \xff is this\n"
