"""Puts the cluster together and writes its topology file."""

from __future__ import annotations

import secrets
import ssl
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.demo.balancer import Balancer
from sessiondoctor.demo.faults import FAULTS, ClusterSettings, healthy
from sessiondoctor.demo.server import serve
from sessiondoctor.demo.shop import Shop
from sessiondoctor.demo.store import store

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOST = "shop.demo.test"  # .test is reserved (RFC 6761): nobody's site


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: its topology file and what must never be seen in a report."""

    topology: Path
    secret: str


@contextmanager
def cluster(fault: str) -> Iterator[Cluster]:
    """Starts the cluster with one fault, or healthy with `none`; stops it at the end.

    Raises:
        KeyError: there is no such fault.
    """
    secret = secrets.token_urlsafe(24)
    settings = healthy(secret)
    settings = settings if fault == "none" else FAULTS[fault](settings)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sessiondoctor-demo-")))
        store_port = stack.enter_context(store())
        ports = {node.name: stack.enter_context(serve(Shop(node, store_port))) for node in settings.nodes}
        tls = _certificate(folder) if settings.balancer.https else None
        entry = stack.enter_context(serve(Balancer(settings.balancer, ports), tls=tls))
        topology = folder / "sessiondoctor.yaml"
        topology.write_text(_topology(settings, entry, ports, store_port), encoding="utf-8")
        yield Cluster(topology, secret)


def _certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for the demo's host by an authority that exists only now."""
    import trustme

    authority = trustme.CA()
    (folder / "ca.pem").write_bytes(authority.cert_pem.bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # In the demo's own folder, which is removed whatever happens.
    with authority.issue_cert(_HOST).private_key_and_cert_chain_pem.tempfile(dir=str(folder)) as pem:
        context.load_cert_chain(pem)
    return context


def _topology(settings: ClusterSettings, entry: int, ports: dict[str, int], store_port: int) -> str:
    scheme = "https" if settings.balancer.https else "http"
    lines = [
        "version: 1",
        "site:",
        f"  url: {scheme}://{_HOST}:{entry}/",
        f"  resolve: {{{_HOST}: [127.0.0.1]}}",
        *(["  ca: ca.pem"] if settings.balancer.https else []),
        f"  mode: {settings.mode}",
        "  idle_timeout: 30m",
        "  flow:",
        '    write: {method: POST, path: /cart, form: {item: "{marker}"}}',
        '    read: {path: /cart, expect: "{marker}"}',
        "    node: {header: X-Node}",
        "load_balancers:",
        "  - {name: edge, kind: other}",
        "nodes:",
    ]
    for node in settings.nodes:
        route = f", route: {node.name}" if node.route else ""
        lines.append(f'  - {{name: {node.name}, url: "http://127.0.0.1:{ports[node.name]}/"{route}}}')
    if settings.mode == "external":
        lines += ["stores:", f'  - {{name: sessions, kind: redis, url: "redis://127.0.0.1:{store_port}/0"}}']
    return "\n".join(lines) + "\n"
