"""`kubectl sessiondoctor`, with a kubectl that answers as a real one does and forwards to real servers."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sessiondoctor.errors import UsageError
from sessiondoctor.kubectl import _yaml, find, topology_of
from sessiondoctor.topology.loader import load
from tests.fakes.silent_peers import answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLUGIN = str(Path(sys.executable).parent / "kubectl-sessiondoctor")
PAGE = b"HTTP/1.1 200 OK\r\nSet-Cookie: SID=31d4; Path=/\r\nContent-Length: 0\r\n\r\n"
KUBECTL = """#!{python}
import json, os, sys, time
words = sys.argv[1:]
if "get" in words:
    sys.stdout.write(open({objects!r}).read())
    sys.exit(0)
if "port-forward" in words:
    open({log!r}, "a").write(f"{{os.getpid()}} {{' '.join(words)}}\\n")
    print("Forwarding from 127.0.0.1:{port} -> 3000", flush=True)
    print("Forwarding from [::1]:{port} -> 3000", flush=True)
    time.sleep(120)
"""


def an_object(kind: str, name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """As `kubectl get -o json` prints it, with what the API server adds."""
    added = {
        "namespace": "shop",
        "uid": "7c1f2a0e",
        "resourceVersion": "81213",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    versions = {"Ingress": "networking.k8s.io/v1", "Deployment": "apps/v1"}
    return {
        "apiVersion": versions.get(kind, "v1"),
        "kind": kind,
        "metadata": {"name": name, **added, **metadata},
        "spec": spec,
    }


def a_pod(name: str, *, ready: bool = True, app: str = "shop") -> dict[str, Any]:
    """A pod of a Deployment."""
    labels = {"app": app, "pod-template-hash": "6f7d"}
    owner = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-6f7d", "uid": "1", "controller": True}]
    container = {
        "name": "web",
        "image": "shop:1",
        "ports": [{"containerPort": 3000, "name": "http", "protocol": "TCP"}],
    }
    pod = an_object("Pod", name, {"containers": [container]}, labels=labels, ownerReferences=owner)
    state = "True" if ready else "False"
    return pod | {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": state}]}}


def objects(host: str = "shop.example.com") -> list[dict[str, Any]]:
    """A namespace with a shop behind an Ingress, and another service."""
    backend = {"service": {"name": "web", "port": {"name": "http"}}}
    rule = {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    template = {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": []}}
    ports = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"}]
    other = {"selector": {"app": "mail"}, "ports": [{"port": 25, "targetPort": 25}], "clusterIP": "10.0.0.2"}
    return [
        an_object("Ingress", "front", {"tls": [{"hosts": [host], "secretName": "tls"}], "rules": [rule]}),
        an_object("Service", "mail", other),
        an_object("Service", "web", {"selector": {"app": "shop"}, "ports": ports, "type": "ClusterIP"}),
        an_object("Deployment", "shop", {"replicas": 2, "template": template}),
        an_object("Deployment", "mail", {"replicas": 1, "template": template}),
        a_pod("shop-6f7d-aaaaa"),
        a_pod("shop-6f7d-bbbbb"),
        a_pod("shop-6f7d-ccccc", ready=False),
        a_pod("mail-9c2b-ddddd", app="mail"),
    ]


@pytest.mark.parametrize("name", ["web", "front", "shop"])
def test_an_application_has_three_names(name: str) -> None:
    """Of its Service, of its Ingress, of its pods' label."""
    app = find(objects(), name)
    assert (app.service, app.ingress, app.url, app.port) == ("web", "front", "https://shop.example.com/", 3000)
    assert app.pods == ("shop-6f7d-aaaaa", "shop-6f7d-bbbbb")
    assert [one["metadata"]["name"] for one in app.manifests] == ["front", "web", "shop"]


def test_what_is_not_there_is_said() -> None:
    """By the names that there are."""
    with pytest.raises(UsageError, match="named 'carts'; its Services: mail, web"):
        find(objects(), "carts")
    with pytest.raises(UsageError, match="none of the 1 pods of service web is ready"):
        find([*objects()[:5], a_pod("shop-x", ready=False)], "web")


def test_the_topology_is_one(tmp_path: Path) -> None:
    """The loader accepts it; the pods are asked under the site's name."""
    app = find(objects(), "web")
    file = tmp_path / "sessiondoctor.yaml"
    (tmp_path / "m.json").write_text("{}")
    file.write_text(yaml.safe_dump(topology_of(app, app.url, {"shop-6f7d-aaaaa": 40001}, "m.json")))
    topology = load(file, {})
    first, second = topology.nodes
    assert (first.url, second.url) == ("http://127.0.0.1:40001/", "")
    assert first.headers == {"Host": "shop.example.com", "X-Forwarded-Proto": "https"}


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the plugin beside a kubectl that forwards every pod to this port."""

    def run(port: int, items: list[dict[str, Any]], *words: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "objects.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        kubectl = tmp_path / "bin" / "kubectl"
        kubectl.parent.mkdir(exist_ok=True)
        places = {"objects": str(tmp_path / "objects.json"), "log": str(tmp_path / "log")}
        kubectl.write_text(KUBECTL.format(python=sys.executable, port=port, **places))
        kubectl.chmod(kubectl.stat().st_mode | stat.S_IXUSR)
        environment = {**os.environ, "PATH": f"{kubectl.parent}:{os.environ['PATH']}"}
        return subprocess.run(
            [PLUGIN, *words], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=150
        )

    return run


def test_it_scans_what_it_found_and_ends_what_it_began(
    plugin: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """Each ready pod is forwarded, under the namespace that was asked for, and no forwarding stays behind."""
    with answering(PAGE) as port:
        url = f"http://127.0.0.1:{port}/"
        words = ("--select", "cookie-flags-missing", "--requests", "4", "--deadline", "30", "-q")
        done = plugin(port, objects(), "shop", "-n", "shop", "--url", url, "--", *words)
    assert done.returncode in {0, 1, 3}, done.stderr
    assert "cookie-flags-missing" in done.stdout
    calls = [line.split(maxsplit=1) for line in (tmp_path / "log").read_text().splitlines()]
    assert [words.split()[-2:] for _, words in calls] == [
        ["pod/shop-6f7d-aaaaa", ":3000"],
        ["pod/shop-6f7d-bbbbb", ":3000"],
    ]
    assert all(line.startswith("--namespace shop port-forward --address 127.0.0.1") for _, line in calls)
    assert not [pid for pid, _ in calls if Path(f"/proc/{pid}/cmdline").exists()]
    assert stat.S_IMODE((tmp_path / "sessiondoctor-shop.yaml").stat().st_mode) == 0o600


def test_without_a_host_the_url_is_asked_for(plugin: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """In one line."""
    done = plugin(1, objects()[1:], "web", "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    assert "give the public URL by --url" in done.stderr


def test_a_dry_run_forwards_nothing(plugin: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """It writes the topology."""
    done = plugin(1, objects(), "web", "--dry-run", "-o", "own.yaml")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "log").exists()
    assert yaml.safe_load((tmp_path / "own.yaml").read_text())["site"]["url"] == "https://shop.example.com/"


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*path, key)
        yield from _places(one, (*path, key))


def _with(value: Any, path: tuple[Any, ...], put: Any) -> Any:
    """A copy with something else in one place."""
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = _with(value[key], tuple(rest), put) if rest else put
    return copy


@pytest.mark.parametrize(
    "put", [None, 5, "\x1b[2J", [], {}, [1], {"a": 1}, ["a"], [None], True, "\ud800", float("nan")]
)
def test_any_place_may_hold_anything(put: Any) -> None:
    """Of what kubectl prints: an application is found or not, and what is written of it can be read back."""
    for path in _places(objects()):
        for app in ("web", "front", "shop"):
            with suppress(UsageError):
                found = find(_with(objects(), path, put), app)
                text = _yaml(topology_of(found, found.url or "http://a.test/", dict.fromkeys(found.pods, 1), "m.json"))
                assert yaml.safe_load(text.encode("utf-8", "replace"))
                assert "\x1b" not in text


PRINTS = {
    "fails": ("printf 'no\\033[2J rights' >&2; exit 1", "kubectl get failed: no"),
    "is no list": ("echo '{}'", "something else than a list"),
    "is nested": ("head -c 100000 /dev/zero | tr '\\0' '['", "something else than a list"),
    "has no end": ("yes", "prints more than 64 MiB"),
}


@pytest.mark.parametrize("name", PRINTS)
def test_what_a_hostile_kubectl_prints(tmp_path: Path, name: str) -> None:
    """One line says what is wrong, without a traceback and without its escapes."""
    script, says = PRINTS[name]
    program = tmp_path / "kubectl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ended = subprocess.run([PLUGIN, "shop"], env=environ, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "\x1b" not in ended.stderr
