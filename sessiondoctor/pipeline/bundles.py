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

    from sessiondoctor.catalogue.loader import Catalogue
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.pipeline.order import Order
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
        mark=redactor.mark,
    )


def without_names(bundle: Bundle, topology: Topology, key: bytes, catalogue: Catalogue) -> Bundle:
    """The bundle with tokens in the place of names of hosts and components and of addresses, and without folders."""
    from sessiondoctor.outcome.renaming import Renamer, names_in, names_seen, vocabulary

    folder = str(Path(topology.file).parent) if topology.file else ""
    renamer = Renamer(key, vocabulary(catalogue.texts()), folder if len(folder) > 1 else "")
    renamer.learn((*names_in(topology), *names_seen(bundle.gathered)))
    gathered = scrubbed(bundle.gathered, renamer)
    return dataclasses.replace(
        bundle,
        gathered=dataclasses.replace(
            gathered, refusals={renamer.scrub(name): count for name, count in gathered.refusals.items()}
        ),
        target=Path(bundle.target).name if topology.file else renamer.scrub(bundle.target),
        topology=renamer.scrub(bundle.topology),
        environ={name: renamer.scrub(value) for name, value in bundle.environ.items()},
        plan=tuple(map(renamer.scrub, bundle.plan)),
        names="tokens",
    )


def topology_in(bundle: Bundle) -> Topology:
    """The topology of the machine where the bundle was made.

    Raises:
        UsageError: it cannot be read.
    """
    from sessiondoctor.errors import UsageError
    from sessiondoctor.topology.loader import load_text
    from sessiondoctor.topology.target import read_target

    if bundle.topology:
        topology = load_text(bundle.topology, bundle.target, bundle.environ)
    elif "://" in bundle.target:
        topology = read_target(bundle.target, {})
    else:
        raise UsageError("the bundle names a topology file and does not hold it")
    symptoms = [symptom for symptom in get_args(Symptom) if symptom in bundle.symptoms]
    return dataclasses.replace(topology, symptoms=tuple(symptoms))


def started_of(bundle: Bundle) -> datetime:
    """When its scan began."""
    try:
        return datetime.fromisoformat(bundle.started_at)
    except ValueError:
        return datetime.now(tz=UTC)
