"""The store: fakeredis behind TCP, with what it lacks: INFO, MEMORY USAGE, OBJECT ENCODING and IDLETIME."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTED = time.monotonic()
_OVERHEAD = 56  # bytes that Redis needs for a key beside its content


@contextmanager
def store() -> Iterator[int]:
    """Runs a store; yields its port on 127.0.0.1."""
    from fakeredis import TcpFakeServer

    _teach()
    server = TcpFakeServer(("127.0.0.1", 0))
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _teach() -> None:
    """Registers the commands the way fakeredis registers its own."""
    from fakeredis._commands import Key, command
    from fakeredis._socket import FakeSocket

    def info(self: Any, *_sections: bytes) -> bytes:
        used = sum(_OVERHEAD + len(key) for db in self._server.dbs.values() for key in db)
        return "".join(f"{line}\r\n" for line in _info(used, self._server)).encode()

    def memory_usage(_self: Any, key: Any, *_options: bytes) -> int | None:
        return _OVERHEAD + len(key.key) + len(key.value) if key else None

    def object_encoding(_self: Any, key: Any) -> bytes | None:
        return (b"raw" if isinstance(key.value, bytes) else b"listpack") if key else None

    def object_idletime(_self: Any, _key: Any) -> None:
        """It keeps no times of use."""

    def slowlog_get(_self: Any, *_arguments: bytes) -> list[bytes]:
        """It has no slow commands. What it does not know it would hang up on."""
        return []

    def latency_latest(_self: Any) -> list[bytes]:
        """Nor spikes."""
        return []

    def config_get(_self: Any, *_names: bytes) -> list[bytes]:
        """Nor settings."""
        return []

    socket: Any = FakeSocket
    socket.slowlog_get = command((), (bytes,), name="slowlog get")(slowlog_get)
    socket.latency_latest = command((), (), name="latency latest")(latency_latest)
    socket.config_get = command((), (bytes,), name="config get")(config_get)
    socket.object_encoding = command((Key(),), (), name="object encoding")(object_encoding)
    socket.info = command((), (bytes,), name="info")(info)
    socket.memory_usage = command((Key(),), (bytes,), name="memory usage")(memory_usage)
    socket.object_idletime = command((Key(),), (), name="object idletime")(object_idletime)


def _info(used: int, server: Any) -> Iterator[str]:
    yield from ("# Server", "redis_version:7.0.0", f"uptime_in_seconds:{int(time.monotonic() - _STARTED) + 86_400}")
    yield from ("# Clients", "connected_clients:3", "maxclients:10000")
    yield from ("# Memory", f"used_memory:{used + 1_000_000}", "maxmemory:0", "maxmemory_policy:noeviction")
    yield from ("# Persistence", "loading:0", "rdb_last_bgsave_status:ok", "aof_enabled:1", "aof_last_write_status:ok")
    yield from ("# Stats", "evicted_keys:0", "expired_keys:0", "rejected_connections:0")
    yield from ("# Replication", "role:master", "connected_slaves:0")
    yield "# Keyspace"
    for number, db in server.dbs.items():
        if len(db):
            yield f"db{number}:keys={len(db)},expires={len(db)},avg_ttl=0"
