"""The metrics as Prometheus reads them: a text file, or a page."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, generate_latest, make_wsgi_app
from prometheus_client import Metric as Family
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.registry import Collector

from sessiondoctor.errors import UsageError
from sessiondoctor.experiments.watch.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from sessiondoctor.experiments.watch.memory import Memory

_PATIENCE_S = 5.0  # for a client that asks, and takes the answer


@dataclass(eq=False)
class _Snapshot(Collector):
    """The metrics as they were after the last round: a page asked for during a round shows no half of it."""

    families: tuple[Family, ...] = ()

    def collect(self) -> Iterable[Family]:
        """What the registry asks."""
        return self.families


class Exposition:
    """Holds the metrics of the last round."""

    def __init__(self) -> None:
        self._snapshot = _Snapshot()
        self._registry = CollectorRegistry()
        self._registry.register(self._snapshot)

    def update(self, memory: Memory) -> None:
        """Take over the values of a round that has ended."""
        self._snapshot.families = tuple(families(memory))

    @property
    def text(self) -> bytes:
        """Prometheus' text format, version 0.0.4: what node_exporter's textfile collector reads."""
        return generate_latest(self._registry)

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[int]:
        """Answer at /metrics from now on; the port.

        Raises:
            UsageError: the address cannot be listened at.
        """
        page = make_wsgi_app(self._registry)

        def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            if environ.get("PATH_INFO") == "/metrics":
                return page(environ, start)  # type: ignore[no-any-return]
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"the metrics are at /metrics\n"]

        try:
            server = make_server(host, port, answer, _Server, _Handler)
        except OSError as error:
            raise UsageError(f"--metrics-listen {host}:{port}: cannot listen: {error.strerror}") from error
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()


def families(memory: Memory) -> Iterator[Family]:
    """All metrics with their samples."""
    for metric in METRICS:
        kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
        family = kind(metric.name, metric.about, labels=metric.labels)
        for labels, value in metric.samples(memory):
            family.add_metric(labels, value)
        yield family


class _Server(ThreadingWSGIServer):
    """A thread a request, none of which is waited for at the end."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, _request: object, _client: object) -> None:
        """Whoever goes away in the middle is no news."""


class _Handler(WSGIRequestHandler):
    """Waits for nobody for long, and writes no log of requests."""

    timeout = _PATIENCE_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's name
        """Nothing."""
