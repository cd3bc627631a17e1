"""HAR files, tables of cookies, what redis-cli and balancers printed, and which product it was."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sessiondoctor.captures import balancers
from sessiondoctor.captures.cookie_table import looks_like_cookie_table, read_cookie_table
from sessiondoctor.captures.har import looks_like_har, read_har
from sessiondoctor.captures.products import acquaintance_of
from sessiondoctor.captures.recorded import Recorded
from sessiondoctor.captures.redis_cli import looks_like_info, looks_like_ring, read_redis, read_ring
from sessiondoctor.errors import Unavailable
from sessiondoctor.topology.model import bare
from tests.captures.judging import catalogue

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
    with pytest.raises(ValueError, match="not a HAR file"):
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


SERVERS = """1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port
3 app 1 app1 10.0.0.1 2 0 1 1 3600 6 3 4 6 0 0 0 - 3000 - 0 0 - - 0
3 app 2 app2 10.0.0.2 0 0 1 1 12 8 2 0 6 0 0 0 - 3000 - 0 0 - - 0
3 app 3 app3 10.0.0.3 2 1 1 1 60 6 3 4 6 0 0 0 - 3000 - 0 0 - - 0
3 app 4 app4 10.0.0.4 2 8 1 1 x 6 3 4 6 0 0 0 - 3000 - 0 0 - - 0
"""  # noqa: E501 - as HAProxy prints it


def test_the_state_of_haproxys_servers() -> None:
    """UP, DOWN, in maintenance, draining; a number that is none is not known."""
    assert balancers.looks_like_servers_state(SERVERS)
    status = balancers.read_servers_state(SERVERS, "edge", bare("https://shop.test/"))
    assert [server.status for server in status.servers] == ["UP", "DOWN", "MAINT", "DRAIN"]
    assert status.servers[1].last_change_s == 12
    assert status.servers[3].last_change_s is None
    assert (status.servers[0].address, status.servers[0].pool, status.keeping) == ("10.0.0.1:3000", "app", "unknown")


@pytest.mark.parametrize("text", ["", SERVERS.splitlines()[1], f"{SERVERS.splitlines()[1]}\n3 app\n"])
def test_a_table_without_servers_is_none(text: str) -> None:
    """Cut off below its heading."""
    with pytest.raises(Unavailable):
        balancers.read_servers_state(text, "edge", bare("https://shop.test/"))


def test_envoy_tells_how_clients_are_kept_in_its_configuration() -> None:
    """The hosts are in one answer, the policy in the other."""
    host = {
        "address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}},
        "health_status": {"eds_health_status": "HEALTHY"},
    }
    clusters = json.dumps({"cluster_statuses": [{"name": "app", "host_statuses": [host]}]})
    cluster = {"name": "app", "lb_policy": "RING_HASH", "load_assignment": {}}
    route = {"hash_policy": [{"cookie": {"name": "lb", "ttl": "0s"}}]}
    dump = json.dumps(
        {"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "c": cluster, "r": route}]}
    )
    assert balancers.looks_like_config_dump(dump)
    status = balancers.read_envoy(clusters, "edge", bare("https://shop.test/"), dump)
    assert (status.keeping, status.affinity_cookie) == ("cookie", "lb")
    assert balancers.read_envoy(clusters, "edge", bare("https://shop.test/")).keeping == "unknown"


def test_a_product_is_recognised_in_a_capture() -> None:
    """By the marks that a scan looks for; what looks like none is none."""
    grafana = Recorded("https://shop.test/login", headers=(("Set-Cookie", "grafana_session=abc; Path=/"),), status=200)
    seen = acquaintance_of([grafana], catalogue().products.values())
    assert seen
    assert seen.product == "grafana"
    plain = Recorded("https://shop.test/", headers=(("Set-Cookie", "sid=abc"),), status=200)
    assert acquaintance_of([plain], catalogue().products.values()) is None
