"""Unix sockets, where the system has them."""

from __future__ import annotations

import asyncio
import errno


async def open_unix(path: str, limit: int = 64 * 1024) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connects; `limit` is that of the reader's buffer, in octets.

    Raises:
        OSError: it cannot, or this system (Windows) has none that Python knows.
    """
    connect = getattr(asyncio, "open_unix_connection", None)
    if connect is None:
        raise OSError(errno.EAFNOSUPPORT, "this system has no Unix sockets for Python")
    reader, writer = await connect(path, limit=limit)
    return reader, writer
