"""The same metrics to an OpenTelemetry collector, by OTLP over HTTP (extra `otel`)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessiondoctor import __version__
from sessiondoctor.errors import UsageError
from sessiondoctor.experiments.watch.metrics import METRICS, Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from opentelemetry.metrics import CallbackOptions, Observation

    from sessiondoctor.experiments.watch.memory import Memory

_UNITS = {"seconds": "s", "bytes": "By", "ratio": "1", "": ""}  # of Prometheus in UCUM
_PATIENCE_S = 10.0


@contextmanager
def exported(endpoint: str, memory: Memory) -> Iterator[Callable[[], bool]]:
    """What sends the metrics as they are now, and says whether that went; `endpoint`: such as http://host:4318.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.metrics import Observation
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult
        from opentelemetry.sdk.resources import Resource
    except ImportError:
        raise UsageError("--otlp needs the extra: pip install 'sessiondoctor[otel]'") from None
    exporter = OTLPMetricExporter(endpoint=f"{endpoint.rstrip('/')}/v1/metrics", timeout=_PATIENCE_S)
    reader = InMemoryMetricReader()
    resource = Resource.create({"service.name": "sessiondoctor", "service.version": __version__})
    provider = MeterProvider(metric_readers=[reader], resource=resource)
    meter = provider.get_meter("sessiondoctor", __version__)
    for metric in METRICS:
        create = meter.create_observable_counter if metric.kind == "counter" else meter.create_observable_gauge
        callback = _callback(metric, memory, Observation)
        create(metric.name, callbacks=[callback], unit=_UNITS[metric.unit], description=metric.about)

    def send() -> bool:
        data = reader.get_metrics_data()
        return data is None or exporter.export(data, timeout_millis=_PATIENCE_S * 1000) is MetricExportResult.SUCCESS

    try:
        yield send
    finally:
        provider.shutdown()
        exporter.shutdown()


def _callback(
    metric: Metric, memory: Memory, observation: type[Observation]
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_options: CallbackOptions) -> Iterable[Observation]:
        for labels, value in metric.samples(memory):
            yield observation(value, dict(zip(metric.labels, labels, strict=True)))

    return observe
