"""A neighbour whose scripts hold a Redis up: one runs, all others wait.

Arguments: the port of Redis, its password, milliseconds a script, milliseconds between two.
"""

from __future__ import annotations

import sys
import time

import redis

BUSY = """
local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
local stop = now() + ARGV[1]
while now() < stop do end
"""


def main(port: int, password: str, busy_ms: int, rest_ms: int) -> None:
    """Run one after the other."""
    store = redis.Redis(port=port, password=password, socket_timeout=30)
    while True:
        store.eval(BUSY, 0, busy_ms)
        time.sleep(rest_ms / 1000)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
