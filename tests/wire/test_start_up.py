from __future__ import annotations

import subprocess
import sys

LOADED = """
import asyncio, sys
before = set(sys.modules)
import sessiondoctor.wire.client, sessiondoctor.wire.message, sessiondoctor.wire.pace
print(*sorted(set(sys.modules) - before), sep="\\n")
"""
SENT = """
import asyncio, sys
from sessiondoctor.wire.channel import Channel
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits, Request
from sessiondoctor.wire.pace import Pace

write = Channel.write

def noting(channel, data):
    print("parser" if "h11" in sys.modules else "no parser")
    write(channel, data)

async def visit(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
    writer.close()

async def main():
    server = await asyncio.start_server(visit, "127.0.0.1", 0)
    request = Request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    async with Wire(limits=Limits(), pace=Pace()) as wire:
        await wire.ahead(request)
        print((await wire.send(request)).status)
        print("TLS" if wire._contexts else "no TLS")
    server.close()

Channel.write = noting
asyncio.run(main())
"""


def output(program: str) -> list[str]:
    """Return the lines that a program prints."""
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, check=True, text=True, timeout=10)
    return done.stdout.splitlines()


def test_the_client_loads_next_to_nothing() -> None:
    """On top of asyncio: its own modules, data classes and URLs; the parser of responses comes later."""
    loaded = output(LOADED)
    assert "sessiondoctor.wire.client" in loaded
    assert "sessiondoctor.wire.reply" not in loaded
    rest = {name for name in loaded if not name.startswith("sessiondoctor")}
    assert rest <= {"__future__", "annotationlib", "copy", "dataclasses", "ipaddress", "urllib", "urllib.parse"}


def test_the_request_leaves_before_the_parser_is_loaded() -> None:
    """And http:// never loads the certificates of authorities."""
    assert output(SENT) == ["no parser", "204", "no TLS"]
