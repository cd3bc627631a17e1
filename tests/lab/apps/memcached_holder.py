"""A leaking client: opens connections to a memcached and never closes them.

Arguments: the port of memcached, how many.
"""

from __future__ import annotations

import socket
import sys
import time


def main(port: int, count: int) -> None:
    """Hold them until the end; one that is refused is tried again."""
    held: list[socket.socket] = []
    while True:
        if len(held) < count and (connection := _connected(port)):
            held.append(connection)
        else:
            time.sleep(0.05)


def _connected(port: int) -> socket.socket | None:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"version\r\n")
    try:
        welcome = connection.recv(100)
    except ConnectionError:
        return None
    return connection if welcome.startswith(b"VERSION") else None


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
