"""A neighbour that uses the memcached of the sessions as its cache: writes values without end.

Arguments: the port of memcached, bytes a value, values a second.
"""

from __future__ import annotations

import secrets
import sys
import time

from pymemcache import Client


def main(port: int, size: int, rate: int) -> None:
    """Write random values under ever new names, for an hour each."""
    store = Client(("127.0.0.1", port))
    number = 0
    while True:
        store.set(f"cache:{number}", secrets.token_bytes(size), expire=3600, noreply=True)
        number += 1
        time.sleep(1 / rate)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
