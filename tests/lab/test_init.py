"""`sessiondoctor init`: a scan with the file that it writes, untouched, finds the planted fault."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.lab.scan import scan
from tests.lab.scenarios import named

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.cluster import Cluster

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "shop:1", ports: [{containerPort: 8080}]}]}
"""


TWO_TRUTHS = {"node-local-store", "lb-no-affinity"}
"""Of one fact: which of them a site needs, its owner says with `site.mode`."""


def drafted(cluster: Cluster, *words: str, env: dict[str, str] | None = None) -> Cluster:
    """The cluster as `init` describes it; the file that the laboratory wrote is not used."""
    home = cluster.topology.parent
    topology = home / "drafted.yaml"
    done = subprocess.run(
        [sys.executable, "-m", "sessiondoctor", "init", cluster.site, *words, "-o", topology.name],
        cwd=home, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    planned = subprocess.run(
        [sys.executable, "-m", "sessiondoctor", "scan", topology.name, "--plan"],
        cwd=home, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert planned.returncode == 0, planned.stderr
    assert not any(secret in topology.read_text() for secret in cluster.secrets)
    return replace(cluster, topology=topology, env={**cluster.env, **(env or {})})


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("express-signing-secret-mismatch", {"signing-secret-mismatch"}),
        pytest.param("express-key-prefix-mismatch", {"key-prefix-mismatch"}, marks=pytest.mark.thorough),
        ("express-node-local-store", TWO_TRUTHS),
        ("express-healthy", set()),
    ],
)
def test_haproxy_express_and_redis(name: str, cause: set[str]) -> None:
    """From the URL, the balancer's file and each node's `.env`."""
    with named(name).running() as (_, cluster):
        files = [f"{node}={node}/.env" for node in cluster.nodes]
        password = cluster.env["LAB_REDIS_PASSWORD"]
        known = drafted(cluster, "--from", "edge=edge/haproxy.cfg", *files, env={"REDIS_PASSWORD": password})
        text = known.topology.read_text()
        result = scan(known)
    assert "write:" in text
    assert "${REDIS_PASSWORD}" in text
    assert {entry["cause"] for entry in result.report["diagnosis"][:1]} <= cause, result.documents["text"]
    assert bool(cause) == bool(result.report["diagnosis"])


@pytest.mark.timeout(480)
def test_ingress_manifests_and_spring() -> None:
    """From the URL and manifests in which nothing keeps a client on its pod."""
    with named("spring-servlet-lb-no-affinity").running() as (_, cluster):
        manifest: Path = cluster.topology.parent / "shop.yaml"
        manifest.write_text(INGRESS)
        known = drafted(cluster, "--from", "shop.yaml")
        result = scan(known)
    assert {entry["cause"] for entry in result.report["diagnosis"][:1]} <= TWO_TRUTHS
    assert result.report["verdict"] == "fault-found", result.documents["text"]
