"""Readers of our own files, of what members of clusters say, and of what kubectl prints."""
# ruff: noqa: E501 - what others wrote has long lines

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import TopologyError, Unavailable, UsageError
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.experiments.idle import state as idle
from sessiondoctor.experiments.idle.ladder import Progress
from sessiondoctor.experiments.watch import state as watch
from sessiondoctor.experiments.watch.memory import Kept
from sessiondoctor.kubectl import find, topology_of
from sessiondoctor.outcome.bundle import Bundle, pack, unpack
from sessiondoctor.outcome.evidence_json import documents, read_document
from sessiondoctor.probes.browser import left_session
from sessiondoctor.probes.browser.digest_login import authorization
from sessiondoctor.probes.members.views import READERS
from sessiondoctor.report import Style, render
from sessiondoctor.report.reader import read_report
from sessiondoctor.topology.loader import load_text
from tests.fakes.reports import a_diagnosis, a_report
from tests.fakes.watched import Site, visitor
from tests.mutations.mutator import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessiondoctor.topology.model import ManagementKind

SAMPLES = Path(__file__).parents[1] / "probes" / "members" / "samples"
PAGES: dict[ManagementKind, str] = {
    "tomcat": "tomcat_app1_manager.txt",
    "jolokia": "jolokia_manager.json",
    "wildfly": "wildfly_wa_web.json",
    "keycloak": "keycloak_metrics.txt",
}
MEMBERS = b'{"clusterSize": 2, "members": [{"address": "[10.0.0.1]:5701", "localMember": true}, {"address": "[fe80::1]:5701"}]}'
LIST = b"""{"items": [{"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "shop"},
"ports": [{"name": "http", "port": 80, "targetPort": "http"}]}}, {"kind": "Ingress", "metadata": {"name": "front"}, "spec":
{"tls": [{"hosts": ["shop.test"]}], "rules": [{"host": "shop.test", "http": {"paths": [{"path": "/",
"backend": {"service": {"name": "web"}}}]}}]}}, {"kind": "Pod", "metadata": {"name": "web-1", "labels": {"app": "shop"}},
"spec": {"containers": [{"ports": [{"containerPort": 3000, "name": "http"}]}]},
"status": {"conditions": [{"type": "Ready", "status": "True"}]}}]}"""
DIGEST = b'Digest realm="x", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XX", opaque="FQhe/qaU"'
STORE = Piece(StoreReach, "sessions", unavailable="no answer within 10 s", hint="try again")


@contextmanager
def as_file(data: bytes) -> Iterator[Path]:
    """A file with this content."""
    with NamedTemporaryFile(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def file(read: Callable[[Path], object], seed: bytes) -> Target:
    """A reader of one of our own files."""

    def reader(data: bytes) -> None:
        with as_file(data) as path:
            read(path)

    return Target(reader, (seed,), (UsageError,))


def member(kind: ManagementKind, seed: bytes) -> Target:
    """A reader of management pages, of the same text four times."""
    return Target(
        lambda data: READERS[kind].read([data.decode("utf-8", "replace")] * 4, "app1"), (seed,), (Unavailable,)
    )


def of_kubectl(data: bytes) -> object:
    """The application in a list of objects; a list that is no JSON is refused before."""
    try:
        items = json.loads(data)["items"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    found = find(items if isinstance(items, list) else [], "web")
    return topology_of(found, found.url, {}, "m.json")


def shown(path: Path) -> object:
    """A report that was read can be written in every way."""
    report, style = read_report(path), Style(width=80, color=False, verbose=True)
    return [render(report, form, style) for form in ("text", "markdown", "json", "junit", "sarif")]


def evidence(data: bytes) -> list[Any]:
    """The pieces of one kind."""
    return list(read_document("StoreReach", data))


def a_watch() -> bytes:
    """The state of one."""
    memory = Site().settled().memory
    memory.count("session_reads", "app1")
    return watch.written(replace(memory, sessions=[Kept(visitor(1))]))


def a_left_session() -> bytes:
    """A session that was left."""
    cookie = visitor(1).cookies
    left = left_session.LeftSession("http://a.test/", "http://a.test/", 1.0, b"k" * 32, "sid", 60.0, cookie, {"m": "1"})
    return left_session.written(left)


TARGETS = {
    **{f"members: {kind}": member(kind, (SAMPLES / name).read_bytes()) for kind, name in PAGES.items()},
    "members: hazelcast": member("hazelcast", MEMBERS),
    "digest": Target(
        lambda data: authorization(data.decode("latin-1"), "http://a.test/", "u", "p"), (DIGEST,)
    ),
    "kubectl": Target(of_kubectl, (LIST,), (UsageError,)),
    "state: watch": file(lambda path: watch.read(path, "shop"), a_watch()),
    "state: idle": file(
        lambda path: idle.read(path, "a"), idle.written("a", Progress(60.0, waiting=[visitor(1)]))
    ),
    "left session": file(left_session.read, a_left_session()),
    "bundle": Target(
        lambda data: unpack(data, "b.zip"), (pack(Bundle(Gathered((STORE,)), "http://a.test/")),), (UsageError,)
    ),
    "evidence": Target(evidence, tuple(documents([STORE]).values()), (ValueError,)),
    "report": file(shown, render(a_report(diagnosis=(a_diagnosis("clock-skew"),)), "json", Style()).encode()),
    "topology": Target(
        lambda data: load_text(data.decode("utf-8", "replace"), "a.yaml", {}),
        ((Path(__file__).parents[1] / "topology" / "example.yaml").read_bytes(),),
        (TopologyError,),
    ),
}  # fmt: skip
