"""Host names to IP addresses by the system, without a thread that could hold up the end of the program."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Thread


async def system_lookup(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a host in the system's order of preference.

    The event loop's own executor is not used: `asyncio.run` waits for its threads, and a name server that
    does not answer keeps one for half a minute.

    Raises:
        OSError: (`socket.gaierror`) the name has no address.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def settle(addresses: tuple[str, ...], error: OSError | None) -> None:
        if found.done():
            return
        if error:
            found.set_exception(error)
        else:
            found.set_result(addresses)

    def look() -> None:
        addresses, error = _look(host, port)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, addresses, error)

    Thread(target=look, name=f"lookup of {host}", daemon=True).start()
    return await found


def _look(host: str, port: int) -> tuple[tuple[str, ...], OSError | None]:
    try:
        # As bytes: a str makes Python load its IDNA tables.
        found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        return (), error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found)), None
