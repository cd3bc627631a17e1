"""A leaking client: opens connections to a Redis and never closes them.

Arguments: the port of Redis, its password, how many.
"""

from __future__ import annotations

import sys
import time

import redis


def main(port: int, password: str, count: int) -> None:
    """Hold them until the end; one that is refused is tried again."""
    held = []
    while True:
        if len(held) < count:
            connection = redis.Connection(port=port, password=password)
            try:
                connection.connect()
            except redis.RedisError:
                time.sleep(0.05)
            else:
                held.append(connection)
        else:
            time.sleep(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
