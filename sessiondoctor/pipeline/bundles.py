"""From a scan's evidence to a bundle, and from a bundle to the topology that it was gathered for."""

from __future__ import annotations

import dataclasses
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from sessiondoctor import __version__
from sessiondoctor.outcome.bundle import Bundle, without_secrets
from sessiondoctor.redact import REDACTED, scrubbed
from sessiondoctor.topology.model import Symptom

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.pipeline.scan import Order
    from sessiondoctor.redact import Redactor
    from sessiondoctor.topology.model import Topology

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def bundle_of(order: Order, gathered: Gathered, redactor: Redactor, environ: Mapping[str, str]) -> Bundle:
    """Everything that it takes to judge the evidence elsewhere, scrubbed."""
    topology = order.topology
    text = Path(topology.file).read_text(encoding="utf-8-sig") if topology.file else ""
    named = sorted(set(_VARIABLE.findall(text)) & environ.keys())
    return Bundle(
        gathered=scrubbed(gathered, redactor),
        target=topology.target,
        topology=without_secrets(text, redactor.scrub),
        environ={name: redactor.scrub(environ[name]).replace(REDACTED, "redacted") for name in named},
        symptoms=topology.symptoms,
        started_at=datetime.now(tz=UTC).isoformat(timespec="seconds"),
        duration_s=round(time.monotonic() - order.started, 2),
        plan=tuple(f"{probe.evidence.__name__} {probe.subject}: {probe.describe}" for probe in order.plan().probes),
        tool=__version__,
    )


def topology_in(bundle: Bundle) -> Topology:
    """The topology of the machine where the bundle was made.

    Raises:
        UsageError: it cannot be read.
    """
    from sessiondoctor.topology.loader import load_text
    from sessiondoctor.topology.target import read_target

    if bundle.topology:
        topology = load_text(bundle.topology, bundle.target, bundle.environ)
    else:
        topology = read_target(bundle.target, {})
    symptoms = [symptom for symptom in get_args(Symptom) if symptom in bundle.symptoms]
    return dataclasses.replace(topology, symptoms=tuple(symptoms))


def started_of(bundle: Bundle) -> datetime:
    """When its scan began."""
    try:
        return datetime.fromisoformat(bundle.started_at)
    except ValueError:
        return datetime.now(tz=UTC)
