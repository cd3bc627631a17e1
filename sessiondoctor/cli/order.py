"""From the words of the command line to the order that the pipeline runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessiondoctor.cli.options import Job
    from sessiondoctor.context import Options
    from sessiondoctor.pipeline.order import Order


def order_of(job: Job, files: tuple[str, ...] = ()) -> Order:
    """Reads topology, catalogue and baseline; every mistake in them is an error here.

    `files`: what is judged in place of a site; then a topology is not needed, and only adds what is known.
    """
    import os

    from sessiondoctor.cli.curl import with_options
    from sessiondoctor.library import ordered
    from sessiondoctor.topology.model import nowhere
    from sessiondoctor.topology.target import read_target

    topology = nowhere() if files and job.target is None else read_target(job.target, os.environ)
    return ordered(
        with_options(topology, job),
        files=files,
        symptoms=job.symptoms,
        select=job.select,
        ignore=job.ignore,
        packs=job.packs,
        baseline=job.baseline,
        fail_on=job.fail_on.value,
        evidence=job.evidence,
        options=_options(job),
        checks_only=job.checks_only,
        allow_inconclusive=job.allow_inconclusive,
    )


def _options(job: Job) -> Options:
    from sessiondoctor.context import Options

    left = None
    if job.resume:
        from sessiondoctor.probes.browser.left_session import read

        left = read(job.resume)
    return Options(job.requests, job.rate, job.timeout_s, job.deadline_s, job.allow.value, job.census.value, left)
