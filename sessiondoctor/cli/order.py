"""From the words of the command line to the order that the pipeline runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from sessiondoctor.cli.options import FailOn, catalogue_of

if TYPE_CHECKING:
    from sessiondoctor.catalogue.loader import Catalogue, Check
    from sessiondoctor.cli.options import Job
    from sessiondoctor.pipeline.scan import Order
    from sessiondoctor.topology.model import Topology


def order_of(job: Job, files: tuple[str, ...] = ()) -> Order:
    """Reads topology, catalogue and baseline; every mistake in them is an error here.

    `files`: what is judged in place of a site; then a topology is not needed, and only adds what is known.
    """
    import os

    from sessiondoctor.cli.curl import with_options
    from sessiondoctor.context import Options
    from sessiondoctor.model import Severity
    from sessiondoctor.outcome.baseline import nothing, read_baseline
    from sessiondoctor.pipeline.scan import Order
    from sessiondoctor.topology.model import nowhere
    from sessiondoctor.topology.target import read_target

    topology = nowhere() if files and job.target is None else read_target(job.target, os.environ)
    topology = with_options(topology, job)
    catalogue = catalogue_of(job.packs)
    checks = _chosen(catalogue, job)
    if topology.site.product:
        catalogue.product(topology.site.product)
    if job.packs:
        _ = catalogue.causes  # read now: a mistake in a user's page is said before anything is contacted
    return Order(
        topology=_with_symptoms(topology, job.symptoms),
        catalogue=catalogue,
        checks=checks,
        options=Options(job.requests, job.rate, job.timeout_s, job.deadline_s, job.allow.value, job.census.value),
        asked=tuple(check.id for check in checks) if job.select else (),
        named=frozenset(job.select) if job.checks_only else frozenset(),
        checks_only=job.checks_only,
        fail_on=None if job.fail_on is FailOn.NEVER else Severity(job.fail_on),
        baseline=read_baseline(job.baseline) if job.baseline else nothing(),
        allow_inconclusive=job.allow_inconclusive,
        files=files,
    )


def _chosen(catalogue: Catalogue, job: Job) -> tuple[Check, ...]:
    words = job.select or (catalogue.needing(job.evidence) if job.evidence else ())
    checks = catalogue.select(words) if words else tuple(catalogue.checks.values())
    ignored = {check.id for check in catalogue.select(job.ignore)}
    return tuple(check for check in checks if check.id not in ignored)


def _with_symptoms(topology: Topology, words: tuple[str, ...]) -> Topology:
    from sessiondoctor.catalogue.loader import did_you_mean
    from sessiondoctor.errors import UsageError
    from sessiondoctor.topology.model import Symptom

    known: tuple[Symptom, ...] = get_args(Symptom)
    for word in words:
        if word not in known:
            raise UsageError(f"--symptom {word}: expected one of {', '.join(known)}{did_you_mean(word, known)}")
    added = (symptom for symptom in known if symptom in words)
    return replace(topology, symptoms=tuple(dict.fromkeys((*topology.symptoms, *added))))
