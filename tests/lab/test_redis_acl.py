"""A user with the documented minimum of rights on a real Redis: a whole scan, and nothing in its ACL LOG."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import yaml

from sessiondoctor.stores.redis.address import MINIMAL
from tests.lab import proofs
from tests.lab.scan import Scan, scan
from tests.lab.scenarios import named
from tests.lab.servers.redis import client

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster

KEYS = "%R~sess:* %R~spring:session:*"
FULL = f"resetkeys {KEYS} resetchannels -@all {MINIMAL}"


def set_user(cluster: Cluster, rules: str, password: str) -> None:
    """Make the user, put a key that is none of its business beside the sessions, and forget earlier refusals."""
    with client(cluster.stores["redis"]) as connection:
        connection.execute_command("ACL", "SETUSER", "doctor", "on", f">{password}", *rules.split())
        for n in range(300):
            connection.set(f"cache:{n}", "x", ex=600)
        connection.execute_command("ACL", "LOG", "RESET")


def scanned_as(cluster: Cluster, password: str, query: str = "") -> Scan:
    """A scan whose store is declared with that user."""
    document: dict[str, Any] = yaml.safe_load(cluster.topology.read_text())
    port = cluster.stores["redis"].port
    document["stores"][0]["url"] = f"redis://doctor:{password}@127.0.0.1:{port}/0{query}"
    cluster.topology.write_text(yaml.safe_dump(document, sort_keys=False))
    return scan(cluster)


def logged(cluster: Cluster) -> list[tuple[str, str]]:
    """What the server refused: reason and object."""
    with client(cluster.stores["redis"]) as connection:
        return [(entry["reason"], entry["object"]) for entry in connection.acl_log()]


def said_of(found: Scan, check: str) -> str:
    """The text of a check's finding."""
    return " ".join(str(finding) for finding in found.report["findings"] if finding["check"] == check)


def test_the_minimum_is_enough_and_leaves_no_trace() -> None:
    """Sessions are counted and found, nothing is refused, and the report says what could not be seen."""
    password = secrets.token_hex(12)
    with named("express-healthy").running() as (_, cluster):
        proofs.state_survives(cluster)
        set_user(cluster, FULL, password)
        found = scanned_as(cluster, password)
        assert logged(cluster) == []
    assert (found.report["verdict"], found.exit_code) == ("no-fault-found", 0), found.documents["text"]
    assert password not in "".join(found.documents.values())
    assert "+getrange" in said_of(found, "store-rights-missing")
    statuses = {finding["check"]: finding["status"] for finding in found.report["findings"]}
    for seen in ("session-not-in-store", "ttl-missing", "ttl-below-idle", "ttl-not-refreshed", "store-refuses"):
        assert statuses[seen] == "pass", (seen, said_of(found, seen))


def test_each_missing_right_is_named() -> None:
    """With what it costs, and what gives it back."""
    costs = {"memory|usage": "sizes of sessions", "type": "types of session keys", "dbsize": "how many keys"}
    password = secrets.token_hex(12)
    with named("express-healthy").running() as (_, cluster):
        proofs.state_survives(cluster)
        for right, cost in costs.items():
            set_user(cluster, FULL.replace(f" +{right}", ""), password)
            found = scanned_as(cluster, password)
            assert f"give its user +{right} ({cost}" in said_of(found, "store-rights-missing"), found.documents["text"]
            assert found.report["verdict"] == "no-fault-found"
            assert {thing for _, thing in logged(cluster)} <= {right}


def test_rights_that_are_claimed_are_tried() -> None:
    """What the URL says is believed, and the server's log shows it: the log is a test that can fail."""
    password = secrets.token_hex(12)
    with named("express-healthy").running() as (_, cluster):
        proofs.state_survives(cluster)
        set_user(cluster, f"{FULL} +getrange", password)
        found = scanned_as(cluster, password, "?rights=getrange,object|idletime")
        assert {thing for _, thing in logged(cluster)} == {"object|idletime"}
    assert "+getrange" not in said_of(found, "store-rights-missing")
    assert "+object|idletime" in said_of(found, "store-rights-missing")
