"""A Redis with many session keys in it: 45 % connect-redis, 35 % Spring, 15 % Spring's expiry helpers, 5 % PHP."""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import redis

from tests.lab.ports import Ports
from tests.lab.process import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

NEVER = 0.034  # share of keys without expiry
TIMEOUT_S = 86_400  # few keys expire while they are counted
_TEXT = "lorem ipsum dolor sit amet " * 1000


@contextmanager
def filled_redis(keys: int, seed: int = 7) -> Iterator[int]:
    """The port of a Redis on loopback with so many keys; it is gone afterwards."""
    ports = Ports()
    port = ports.take()
    server = Program("redis-server", "redis-server").path()
    with tempfile.TemporaryDirectory() as home:
        settings = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", home)
        with subprocess.Popen((server, *settings), stdout=subprocess.DEVNULL) as process:
            try:
                wait_for(port)
                fill(port, keys, random.Random(seed))
                yield port
            finally:
                process.kill()
                ports.release()


def wait_for(port: int) -> None:
    """Returns when the server answers."""
    retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 200)
    with redis.Redis(port=port, retry=retry, retry_on_error=[redis.ConnectionError]) as client:
        client.ping()


def fill(port: int, keys: int, dice: random.Random) -> None:
    """Writes the keys through `redis-cli --pipe`."""
    command = (Program("redis-cli", "redis-cli").path(), "-p", str(port), "--pipe")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as pipe:
        assert pipe.stdin
        for _ in range(keys):
            pipe.stdin.write(_session(dice))
    if pipe.returncode:
        raise RuntimeError("redis-cli --pipe failed")


def packed(*words: str | bytes) -> bytes:
    """A command as it is sent."""
    parts = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


def _session(dice: random.Random) -> bytes:
    kind, text = dice.random(), _TEXT[: _size(dice)]
    name = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    if kind < 0.45:
        value = json.dumps({"cookie": {"originalMaxAge": 1000 * TIMEOUT_S, "path": "/"}, "cart": text})
        return _written(dice, f"sess:{name.replace('-', '')}", "SET", value)
    if kind < 0.80:
        pairs = (
            "creationTime",
            _JAVA_LONG,
            "maxInactiveInterval",
            _JAVA_INT,
            "sessionAttr:cart",
            _JAVA + text.encode(),
        )
        return _written(dice, f"spring:session:sessions:{name}", "HSET", *pairs)
    if kind < 0.95:
        return _written(dice, f"spring:session:sessions:expires:{name}", "SET", "")
    return _written(dice, f"PHPREDIS_SESSION:{name[:26].replace('-', 'x')}", "SET", f'cart|s:{len(text)}:"{text}";')


def _size(dice: random.Random) -> int:
    """Log-normal, 0.2 to 20 KB."""
    return int(min(20_000, max(200, dice.lognormvariate(7.0, 0.8))))


def _written(dice: random.Random, key: str, verb: str, *rest: str | bytes) -> bytes:
    expiry = b"" if dice.random() < NEVER else packed("PEXPIRE", key, str(dice.randrange(300_000, 1000 * TIMEOUT_S)))
    return packed(verb, key, *rest) + expiry


_JAVA = b"\xac\xed\x00\x05"
_JAVA_LONG = _JAVA + b"sr\x00\x0ejava.lang.Long;\x8b\xe4\x90\xcc\x8f#\xdf\x02\x00\x01J\x00\x05valuexr\x00\x10"
_JAVA_INT = _JAVA + b"sr\x00\x11java.lang.Integer\x12\xe2\xa0\xa4\xf7\x81\x878\x02\x00\x01I\x00\x05value"
