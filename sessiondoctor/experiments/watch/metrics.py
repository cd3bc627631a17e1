"""What Prometheus and OpenTelemetry are told: the names, and their values out of the memory.

Names and units follow Prometheus' conventions (prometheus.io/docs/practices/naming): base units, `_total` for what only
grows. Labels are names of the topology, of known nodes (50 at most), of cookies (20 at most) and ids of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from sessiondoctor import __version__
from sessiondoctor.experiments.watch.memory import Memory

Sample = tuple[tuple[str, ...], float]
"""Values of the labels, and the value."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: without `_total`, which counters get.
        unit: in Prometheus' words; empty for plain numbers.
        samples: out of the memory.
    """

    name: str
    kind: Literal["counter", "gauge"]
    about: str
    labels: tuple[str, ...]
    samples: Callable[[Memory], Iterator[Sample]]
    unit: str = ""

    @property
    def exposed(self) -> str:
        """Its name where it is read."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


def _of(value: Callable[[Memory], float | None]) -> Callable[[Memory], Iterator[Sample]]:
    """One number without labels; no sample where there is none."""

    def samples(memory: Memory) -> Iterator[Sample]:
        number = value(memory)
        if number is not None:
            yield (), number

    return samples


def _total(name: str) -> Callable[[Memory], Iterator[Sample]]:
    return lambda memory: memory.totals(name)


def _round_total(name: str) -> Callable[[Memory], Iterator[Sample]]:
    """A total without labels; 0 before the first."""
    return lambda memory: iter([((), dict(memory.totals(name)).get((), 0.0))])


def _store(field: str) -> Callable[[Memory], Iterator[Sample]]:
    def samples(memory: Memory) -> Iterator[Sample]:
        for store in memory.stores.values():
            value = getattr(store, field)
            if value is not None:
                yield (store.name,), float(value)

    return samples


def _up(memory: Memory) -> Iterator[Sample]:
    return (((name,), float(node.up)) for name, node in memory.nodes.items() if node.up is not None)


def _offsets(memory: Memory) -> Iterator[Sample]:
    return (((name,), (clock.low_s + clock.high_s) / 2) for name, clock in memory.clocks.items())


def _uncertainties(memory: Memory) -> Iterator[Sample]:
    return (((name,), (clock.high_s - clock.low_s) / 2) for name, clock in memory.clocks.items())


def _certificates(memory: Memory) -> Iterator[Sample]:
    if memory.certificate_ends:
        yield ("site",), memory.certificate_ends
    yield from (((name,), node.certificate_ends) for name, node in memory.nodes.items() if node.certificate_ends)


def _lifetimes(memory: Memory) -> Iterator[Sample]:
    return (((name,), seconds) for name, seconds in memory.lifetimes.items())


def _causes(memory: Memory) -> Iterator[Sample]:
    return (((id_, cause.severity), cause.probability) for id_, cause in memory.causes.items())


def _unavailable(memory: Memory) -> Iterator[Sample]:
    return (((name,), 1.0) for name in (*memory.unseen, *(["scan"] if memory.unclear else [])))


def _build(_memory: Memory) -> Iterator[Sample]:
    yield (__version__,), 1.0


def _some(at: float) -> float | None:
    return at or None


METRICS: Final = (
    Metric("sessiondoctor_build_info", "gauge", "The version that watches.", ("version",), _build),
    Metric("sessiondoctor_rounds", "counter", "Rounds of requests.", (), _round_total("rounds")),
    Metric("sessiondoctor_scans", "counter", "Whole scans.", (), _round_total("scans")),
    Metric(
        "sessiondoctor_failed_looks",
        "counter",
        "Times that something could not be looked at.",
        ("subject",),
        _total("failed_looks"),
    ),
    Metric(
        "sessiondoctor_unavailable",
        "gauge",
        "1 for what could not be looked at in the last round.",
        ("subject",),
        _unavailable,
    ),
    Metric(
        "sessiondoctor_round_duration_seconds",
        "gauge",
        "How long the last round took, with its scan.",
        (),
        _of(lambda m: m.took_s),
        "seconds",
    ),
    Metric(
        "sessiondoctor_scan_duration_seconds",
        "gauge",
        "How long the last whole scan took.",
        (),
        _of(lambda m: _some(m.scan_took_s)),
        "seconds",
    ),
    Metric(
        "sessiondoctor_last_round_timestamp_seconds",
        "gauge",
        "When the last round began.",
        (),
        _of(lambda m: _some(m.last_at)),
        "seconds",
    ),
    Metric(
        "sessiondoctor_last_success_timestamp_seconds",
        "gauge",
        "When the last round began that could look at everything.",
        (),
        _of(lambda m: _some(m.ok_at)),
        "seconds",
    ),
    Metric(
        "sessiondoctor_last_scan_timestamp_seconds",
        "gauge",
        "When the last whole scan was.",
        (),
        _of(lambda m: _some(m.scanned_at)),
        "seconds",
    ),
    Metric(
        "sessiondoctor_cause_probability_ratio",
        "gauge",
        "Each cause that the last whole scan states.",
        ("cause", "severity"),
        _causes,
        "ratio",
    ),
    Metric("sessiondoctor_failing_checks", "gauge", "Checks that fail.", (), _of(lambda m: float(len(m.failing)))),
    Metric(
        "sessiondoctor_sessions",
        "gauge",
        "Sessions of our own that are read in each round.",
        (),
        _of(lambda m: float(len(m.sessions))),
    ),
    Metric(
        "sessiondoctor_sessions_created",
        "counter",
        "Sessions that we made, by the node that answered.",
        ("node",),
        _total("sessions_created"),
    ),
    Metric(
        "sessiondoctor_session_reads",
        "counter",
        "Times that a session of ours was there or was not, by its node.",
        ("node",),
        _total("session_reads"),
    ),
    Metric(
        "sessiondoctor_sessions_lost",
        "counter",
        "Sessions of ours that were gone, by their node and what else was seen to happen.",
        ("node", "reason"),
        _total("sessions_lost"),
    ),
    Metric(
        "sessiondoctor_affinity_moves",
        "counter",
        "Times that a client was led away from its node.",
        ("node",),
        _total("affinity_moves"),
    ),
    Metric("sessiondoctor_node_up", "gauge", "Whether a node answers.", ("node",), _up),
    Metric(
        "sessiondoctor_deploys", "counter", "Times that a node answered as another build.", ("node",), _total("deploys")
    ),
    Metric(
        "sessiondoctor_store_restarts",
        "counter",
        "Times that a store's uptime was shorter than before.",
        ("store",),
        _total("store_restarts"),
    ),
    Metric(
        "sessiondoctor_store_uptime_seconds",
        "gauge",
        "How long a store has been up.",
        ("store",),
        _store("uptime_s"),
        "seconds",
    ),
    Metric("sessiondoctor_store_keys", "gauge", "Keys in a store.", ("store",), _store("keys")),
    Metric(
        "sessiondoctor_store_hits",
        "counter",
        "Look-ups that found their key, as the store counts them.",
        ("store",),
        _store("hits"),
    ),
    Metric(
        "sessiondoctor_store_misses",
        "counter",
        "Look-ups that did not, as the store counts them.",
        ("store",),
        _store("misses"),
    ),
    Metric(
        "sessiondoctor_store_evicted_keys",
        "counter",
        "Keys that a store gave up before their time, as it counts them.",
        ("store",),
        _store("evicted"),
    ),
    Metric(
        "sessiondoctor_store_memory_used_bytes",
        "gauge",
        "Memory that a store uses.",
        ("store",),
        _store("used_bytes"),
        "bytes",
    ),
    Metric(
        "sessiondoctor_store_memory_limit_bytes",
        "gauge",
        "Memory that a store may use; 0 for any amount.",
        ("store",),
        _store("limit_bytes"),
        "bytes",
    ),
    Metric(
        "sessiondoctor_clock_offset_seconds", "gauge", "A clock less the reference.", ("subject",), _offsets, "seconds"
    ),
    Metric(
        "sessiondoctor_clock_uncertainty_seconds",
        "gauge",
        "The truth is at most so far from the offset.",
        ("subject",),
        _uncertainties,
        "seconds",
    ),
    Metric("sessiondoctor_clock_steps", "counter", "Times that a clock stepped.", ("subject",), _total("clock_steps")),
    Metric(
        "sessiondoctor_certificate_expiry_timestamp_seconds",
        "gauge",
        "When a certificate ends.",
        ("subject",),
        _certificates,
        "seconds",
    ),
    Metric(
        "sessiondoctor_cookie_lifetime_seconds",
        "gauge",
        "How long a cookie lives from when it is set.",
        ("cookie",),
        _lifetimes,
        "seconds",
    ),
    Metric(
        "sessiondoctor_alert_failures",
        "counter",
        "Times that the command of --on-alert failed.",
        (),
        _round_total("alert_failures"),
    ),
)
