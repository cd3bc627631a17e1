"""A neighbour that uses the session store as its cache: writes values without end.

Arguments: the port of Redis, its password, bytes a value, values a second.
"""

from __future__ import annotations

import secrets
import sys
import time

import redis


def main(port: int, password: str, size: int, rate: int) -> None:
    """Write random values under ever new names."""
    store = redis.Redis(port=port, password=password)
    number = 0
    while True:
        store.set(f"cache:{number}", secrets.token_bytes(size))
        number += 1
        time.sleep(1 / rate)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
