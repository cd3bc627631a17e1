"""A slow line to a server: what it sends is passed on late, once its client has had time to begin.

Arguments: port to listen on, port of the server, seconds of delay, seconds without delay at the start of each
connection, seconds of delay of what is sent to the server.
"""

from __future__ import annotations

import asyncio
import sys

CHUNK = 65536


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float, grace: float) -> None:
    """Pass octets on, each `delay` seconds after it came, but at once during the first `grace` seconds."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def send() -> None:
        while True:
            due, chunk = await queue.get()
            await asyncio.sleep(max(0.0, due - clock()))
            writer.write(chunk)
            if not chunk:
                writer.close()
                return

    sending = asyncio.create_task(send())
    chunk = b"-"
    while chunk:
        chunk = await reader.read(CHUNK)
        now = clock()
        queue.put_nowait((now + (delay if now - begun > grace else 0.0), chunk))
    await sending


async def main(port: int, primary: int, delay: float, grace: float, there_s: float) -> None:
    """Serve until killed."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", primary)
        await asyncio.gather(
            carry(reader, back, there_s, grace), carry(there, writer, delay, grace), return_exceptions=True
        )

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), *map(float, sys.argv[3:6])))
