from __future__ import annotations

import gzip
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from sessiondoctor.errors import UsageError
from sessiondoctor.experiments.watch.otlp import exported
from tests.fakes.watched import Site

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collector(status: int = 200) -> Iterator[tuple[str, list[tuple[str, ExportMetricsServiceRequest]]]]:
    """One that takes metrics over HTTP: its URL, and what it was sent."""
    taken: list[tuple[str, ExportMetricsServiceRequest]] = []

    class Handler(BaseHTTPRequestHandler):
        """Takes what is posted."""

        def do_POST(self) -> None:
            """One export."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            request = ExportMetricsServiceRequest()
            request.ParseFromString(body)
            taken.append((self.path, request))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", taken
    finally:
        server.shutdown()
        server.server_close()


def test_the_metrics_of_each_round_are_sent() -> None:
    """With their units, labels and values at that time."""
    site = Site()
    with collector() as (url, taken), exported(url, site.memory) as send:
        site.round()
        assert send()
        site.settled(2)
        site.builds["app1"] = "2"
        site.round()
        assert send()
    (path, first), (_, second) = taken
    assert path == "/v1/metrics"
    resource = {one.key: one.value.string_value for one in first.resource_metrics[0].resource.attributes}
    assert resource["service.name"] == "sessiondoctor"
    assert "sessiondoctor_deploys" not in names(first)
    metric = names(second)["sessiondoctor_deploys"]
    assert metric.sum.is_monotonic
    (point,) = metric.sum.data_points
    assert (point.as_double, {one.key: one.value.string_value for one in point.attributes}) == (1.0, {"node": "app1"})
    assert names(second)["sessiondoctor_store_uptime_seconds"].unit == "s"


def names(request: ExportMetricsServiceRequest) -> dict[str, Any]:
    """The metrics by name."""
    scopes = (scope for resource in request.resource_metrics for scope in resource.scope_metrics)
    return {metric.name: metric for scope in scopes for metric in scope.metrics}


def test_a_collector_that_takes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """That is said, and no error."""
    site = Site()
    site.round()
    with collector(400) as (url, _), exported(url, site.memory) as send:
        assert not send()
    del caplog


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said."""
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.metric_exporter", None)
    with pytest.raises(UsageError, match=r"sessiondoctor\[otel\]"), exported("http://127.0.0.1:1", Site().memory):
        pass
