from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter

from sessiondoctor.topology.confidential import names_of_nodes, public_words, secrets_of
from sessiondoctor.topology.loader import load
from sessiondoctor.topology.model import Balancer, Topology
from sessiondoctor.topology.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
site:
  url: https://shop.test/start?access=target-value
  headers: {Cookie: "gate=gate-value; b=2", Authorization: "Basic %s", Accept-Language: en-US}
  flow:
    login:
      method: POST
      path: "/login?k=query-value"
      form: {user: alice, password: "${PASSWORD}"}
      headers: {X-A: step-value}
    write: {method: POST, path: /cart, json: {deep: [{pin: "0000"}], item: "{marker}"}}
    node: {cookie: NODE}
nodes:
  - name: app1
    route: r1
    url: "http://10.0.0.1:3000/"
    headers: {Host: shop.test, X-Gate: node-value}
    secret_env: SIGNING
load_balancers:
  - {name: edge, kind: haproxy, stats: "http://doctor:st%%40ts@10.0.0.5/stats"}
stores:
  - {name: sessions, kind: redis, url: "redis://user:${STORE}@10.0.0.9/0", replicas: ["redis://lone@10.0.0.10/0"]}
"""
ENVIRON = {"PASSWORD": "form value", "STORE": "p/w@1", "SIGNING": "signing-value", "OTHER": "nobody asked for it"}


@pytest.fixture
def topology(tmp_path: Path) -> Topology:
    """One with a secret in every place."""
    file = tmp_path / "t.yaml"
    file.write_text(TEXT % base64.b64encode(b"doctor:basic-value").decode(), encoding="utf-8")
    return load(file, ENVIRON)


def test_every_secret_of_a_topology_is_known(topology: Topology) -> None:
    """By the name it is sent under, where it has one."""
    told = set(secrets_of(topology, ENVIRON))
    values = {value for _, value in told}
    assert values >= {
        "gate-value", "basic-value", "doctor:basic-value", "query-value", "alice", "form value", "step-value", "0000",
        "node-value", "signing-value", "st%40ts", "st@ts", "p/w@1", "p%2Fw%401", "lone", "target-value",
    }  # fmt: skip
    assert {("gate", "gate-value"), ("k", "query-value"), ("password", "form value"), ("pin", "0000")} <= told
    assert not {"nobody asked for it", "{marker}", "en-US", "shop.test"} & values


def test_names_hosts_and_paths_are_public(topology: Topology) -> None:
    """A report cannot do without them."""
    assert public_words(topology) >= {
        "app1", "r1", "edge", "sessions", "shop.test", "10.0.0.1:3000", "10.0.0.9", "10.0.0.5", "/start", "SIGNING",
    }  # fmt: skip
    assert names_of_nodes(topology) == {"NODE"}


def test_no_document_of_a_topology_shows_a_password(topology: Topology) -> None:
    """Neither a repr, nor a dictionary written as JSON, nor what pydantic makes of it."""
    written = json.dumps(asdict(topology.load_balancers[0])) + repr(topology)
    written += TypeAdapter(Balancer).dump_json(topology.load_balancers[0]).decode()
    written += json.dumps([asdict(store) for store in topology.stores])
    assert written.count("***") >= 4
    assert not [text for text in ("st%40ts", "st@ts", "p/w@1", "p%2Fw", "form value", "lone") if text in written]


def test_a_secret_is_not_text() -> None:
    """What writes text would write it."""
    with pytest.raises(TypeError):
        json.dumps(Secret("hunter2"))
    assert not isinstance(Secret("hunter2"), str)


def test_the_target_hides_the_values_of_its_query(topology: Topology) -> None:
    """As the file where there is one."""
    assert topology.target.endswith("t.yaml")
    assert Topology(topology.site).target == "https://shop.test/start?access=***"
