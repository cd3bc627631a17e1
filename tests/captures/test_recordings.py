"""HAR files, tables of cookies, and what redis-cli printed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sessiondoctor.captures.cookie_table import looks_like_cookie_table, read_cookie_table
from sessiondoctor.captures.har import looks_like_har, read_har
from sessiondoctor.captures.redis_cli import looks_like_info, looks_like_ring, read_redis, read_ring

TABLE = (
    "Name\tValue\tDomain\tPath\tExpires / Max-Age\tSize\tHttpOnly\tSecure\tSameSite\n"
    "sid\tabc\tshop.test\t/\tSession\t6\t✓\t✓\tLax\n"
    "lb\tapp1\t.shop.test\t/app\t2026-01-01T00:00:00.000Z\t6\t\t\t\n"
)
INFO = """# Server
redis_version:7.0.15
uptime_in_seconds:3600
tcp_port:6379
# Memory
used_memory:1048576
maxmemory:1048576
maxmemory_policy:noeviction
# Stats
evicted_keys:0
# Errorstats
errorstat_OOM:count=4158
# Replication
role:master
# Keyspace
db0:keys=100,expires=100,avg_ttl=1000
"""


def har(*entries: dict[str, Any]) -> str:
    """A HAR with these entries."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": list(entries)}})


def entry(**changes: Any) -> dict[str, Any]:
    """One entry as Chrome writes it."""
    return {
        "startedDateTime": changes.get("at", "2024-01-02T03:04:05.000Z"),
        "request": {"method": "GET", "url": changes.get("url", "https://a.test/"), "headers": []},
        "response": {
            "status": 200,
            "headers": [{"name": "set-cookie", "value": "a=1; Path=/\nb=2; Path=/"}],
            "content": changes.get("content", {"text": "hi"}),
        },
    }


def test_a_har_is_read_in_the_order_of_time() -> None:
    """One browser; cookies that were joined are taken apart."""
    text = har(entry(at="2024-01-02T03:04:06.000Z", url="https://a.test/2"), entry())
    first, second = read_har(text)
    assert (first.url, second.url) == ("https://a.test/", "https://a.test/2")
    assert first.all("set-cookie") == ("a=1; Path=/", "b=2; Path=/")
    assert first.client == second.client == "browser"
    assert looks_like_har(text)


def test_a_body_in_base64_is_read() -> None:
    """As proxies write it."""
    content = {"text": base64.b64encode(b"hi there").decode(), "encoding": "base64"}
    assert read_har(har(entry(content=content)))[0].body == b"hi there"


@pytest.mark.parametrize("text", ["{", "[]", '{"log": 1}', '{"log": {"entries": 1}}'])
def test_what_is_no_har_is_refused(text: str) -> None:
    """With a reason."""
    with pytest.raises(ValueError, match="no HAR"):
        read_har(text)


@pytest.mark.parametrize("broken", [1, None, {"request": 1}, {"request": {"url": "data:x"}}, {"request": {"url": 5}}])
def test_a_broken_entry_is_left_out(broken: Any) -> None:
    """The others count."""
    assert len(read_har(har(broken, entry()))) == 1


def test_a_cookie_table_is_as_if_the_site_had_set_its_cookies() -> None:
    """Host-only or not, flags, path."""
    (only,) = read_cookie_table(TABLE)
    assert only.url == "https://shop.test/"
    assert only.all("set-cookie") == (
        "sid=abc; Path=/; HttpOnly; Secure; SameSite=Lax",
        "lb=app1; Domain=shop.test; Path=/app",
    )
    assert looks_like_cookie_table(TABLE)
    assert not looks_like_cookie_table("a\tb\tc\n")


def test_info_is_the_figures_of_a_server() -> None:
    """What checks of a live Redis judge."""
    server = read_redis(INFO, "sessions")
    assert (server.store, server.role, server.policy) == ("sessions", "master", "noeviction")
    assert (server.errors, server.filled) == ({"OOM": 4158}, 1.0)
    assert server.databases == {"db0": {"keys": 100, "expires": 100, "avg_ttl": 1000}}
    assert looks_like_info(INFO)


@pytest.mark.parametrize("text", ['1) "maxmemory-policy"\n2) "allkeys-lru"\n', "maxmemory-policy\nallkeys-lru\n"])
def test_settings_fill_in_what_info_does_not_tell(text: str) -> None:
    """Numbered in a terminal, bare in a pipe."""
    assert read_redis(f"redis_version:4.0\nrole:master\n{text}", "sessions").policy == "allkeys-lru"


def test_a_key_ring_is_read_from_a_list() -> None:
    """Quotes escaped as redis-cli does; the key itself is left unread."""
    xml = (
        '<key id="0c819c80-6619-4019-9536-53f8aaffee57" version="1">'
        "<creationDate>2024-01-02T03:04:05Z</creationDate><activationDate>2024-01-02T03:04:05Z</activationDate>"
        "<expirationDate>2024-04-01T03:04:05Z</expirationDate></key>"
    )
    ring = read_ring(f'1) "{xml}"\n', "app1")
    assert [key.key_id for key in ring.keys] == ["0c819c80-6619-4019-9536-53f8aaffee57"]
    assert looks_like_ring(xml)
