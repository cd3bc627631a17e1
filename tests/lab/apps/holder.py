"""A leaking client: opens connections to a Redis and never closes them.

Arguments: the port of Redis, its password, how many.
"""

from __future__ import annotations

import socket
import sys
import time


def main(port: int, password: str, count: int) -> None:
    """Hold them until the end; one that is refused is tried again."""
    held: list[socket.socket] = []
    while True:
        if len(held) < count and (connection := _connected(port, password)):
            held.append(connection)
        else:
            time.sleep(0.05)


def _connected(port: int, password: str) -> socket.socket | None:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(f"AUTH {password}\r\n".encode())
    try:
        welcome = connection.recv(100)
    except ConnectionError:
        return None
    return connection if welcome.startswith(b"+OK") else None


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
