"""What INFO says (https://redis.io/docs/latest/commands/info/), as far as it matters for sessions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.redis_server import Persistence, Replication
from sessiondoctor.stores.redis.refusal import Refusal, not_redis, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.stores.redis.client import Link
    from sessiondoctor.stores.redis.replies import Reply

Fields = dict[str, str]
"""Field names and values of INFO, as text."""

_LINES = 5000
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_PAIR = re.compile(r"([a-z_]{1,40})=([0-9]{1,18})(?![0-9.])")
_TELLING = frozenset({
    "flushall", "flushdb", "swapdb", "del", "unlink", "set", "setex", "psetex", "hset", "hmset",
    "expire", "pexpire", "expireat", "pexpireat",
})  # fmt: skip
# Applications do not ask these: what was refused of them was refused to tools such as this one.
_OF_TOOLS = (
    "config|get", "dbsize", "getrange", "hscan", "info", "latency|latest", "memory|usage", "object|encoding", "pttl",
    "scan", "slowlog|get", "time", "type",
)  # fmt: skip


async def read_info(link: Link) -> Fields:
    """Everything that INFO tells.

    Raises:
        RedisTrouble: it may not be asked.
    """
    replies = await link.ask(("INFO",), ("INFO", "commandstats"), ("INFO", "errorstats"))
    return {name: value for reply in replies for name, value in _fields(link, reply)}


async def read_section(link: Link, section: str) -> Fields:
    """One section of INFO.

    Raises:
        RedisTrouble: it may not be asked.
    """
    (reply,) = await link.ask(("INFO", section))
    return dict(_fields(link, reply))


def _fields(link: Link, reply: Reply) -> Iterator[tuple[str, str]]:
    if isinstance(reply, Refusal):
        raise refusal(link.place, reply, "INFO")
    if not isinstance(reply, bytes):
        raise not_redis(link.place)
    for line in reply.decode("utf-8", "replace").splitlines()[:_LINES]:
        name, colon, value = line.partition(":")
        if colon and not name.startswith("#"):
            yield name, value


def number(fields: Mapping[str, str], name: str, default: int = 0) -> int:
    """The whole number of a field; the default where there is none."""
    text = fields.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else default


def word(fields: Mapping[str, str], name: str) -> str:
    """The value of a field that is one word; empty where it is missing or something else."""
    text = fields.get(name, "")
    return text if _WORD.fullmatch(text) else ""


def databases(fields: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """`db0` -> keys, expires, avg_ttl (milliseconds), for each database with keys."""
    names = [name for name in fields if re.fullmatch(r"db[0-9]{1,5}", name)]
    return {name: _pairs(fields[name]) for name in names}


def command_calls(fields: Mapping[str, str]) -> dict[str, int]:
    """Calls of the commands that destroy or protect sessions, since the server's start."""
    calls = {name: _pairs(fields.get(f"cmdstat_{name}", "")).get("calls", 0) for name in sorted(_TELLING)}
    return {name: count for name, count in calls.items() if count}


def error_counts(fields: Mapping[str, str]) -> dict[str, int]:
    """Errors by name since the server's start, without those that applications are not answered with.

    Tools like this one meet NOPERM. A replica sends its first PING before it logs in (src/replication.c), as checks of
    balancers do: NOAUTH.
    """
    names = [name.removeprefix("errorstat_") for name in fields if name.startswith("errorstat_")]
    counts = {name: _pairs(fields[f"errorstat_{name}"]).get("count", 0) for name in names if _WORD.fullmatch(name)}
    ours = sum(_pairs(fields.get(f"cmdstat_{name}", "")).get("rejected_calls", 0) for name in _OF_TOOLS)
    counts["NOPERM"] = max(0, counts.get("NOPERM", 0) - ours)
    pings = _pairs(fields.get("cmdstat_ping", "")).get("rejected_calls", 0)
    counts["NOAUTH"] = max(0, counts.get("NOAUTH", 0) - pings)
    return {name: count for name, count in counts.items() if count}


def added(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """What counters grew by, for those that did."""
    growth = {name: count - before.get(name, 0) for name, count in after.items()}
    return {name: count for name, count in growth.items() if count > 0}


def replication(fields: Fields) -> Replication:
    """Who copies it, or how well it copies."""
    replica = word(fields, "role") == "slave"
    good = number(fields, "min_slaves_good_slaves", -1)
    return Replication(
        replicas=number(fields, "connected_slaves"),
        good=None if good < 0 else good,
        silent_s=number(fields, "master_last_io_seconds_ago", -1) if replica else None,
        behind=0 if replica else _behind(fields),
    )


def _behind(fields: Fields) -> int:
    """Bytes between what the primary has written and what its slowest replica has said that it has."""
    written = number(fields, "master_repl_offset")
    lines = [fields[name] for name in fields if re.fullmatch(r"slave[0-9]{1,4}", name)]
    return max((max(0, written - _pairs(line).get("offset", written)) for line in lines), default=0)


def disk(fields: Fields) -> Persistence:
    """What is on disk."""
    known = "rdb_last_load_keys_loaded" in fields
    return Persistence(loaded=number(fields, "rdb_last_load_keys_loaded") if known else None)


def persistence(fields: Mapping[str, str]) -> str:
    """`aof`, or `rdb` if a snapshot was ever written, or `none seen`."""
    if number(fields, "aof_enabled"):
        return "aof"
    saved = number(fields, "rdb_saves") > 0 or number(fields, "rdb_last_bgsave_time_sec", -1) >= 0
    return "rdb" if saved else "none seen"


def _pairs(text: str) -> dict[str, int]:
    """Whole numbers in `calls=3,usec=17,usec_per_call=5.67`."""
    return {name: int(digits) for name, digits in _PAIR.findall(text)}
