"""For programs that call sessiondoctor: `scan` a site, `judge` files; the command line does no more than this.

    from sessiondoctor import scan

    report = scan("https://shop.example.com/")
    for cause in report.stated:
        print(cause.title, cause.where, cause.probability)

Every mistake in what is given raises `sessiondoctor.errors.UsageError`. The report is frozen data
(`sessiondoctor.model.Report`); `sessiondoctor.report.render(report, "markdown", Style())` writes it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue, did_you_mean
from sessiondoctor.context import Options
from sessiondoctor.errors import UsageError
from sessiondoctor.model import Report, Severity
from sessiondoctor.outcome.baseline import nothing, read_baseline
from sessiondoctor.pipeline.order import Order
from sessiondoctor.topology.model import Symptom, Topology, nowhere
from sessiondoctor.topology.target import read_target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.probes.contract import Probe
    from sessiondoctor.wire.client import Wire

FailOn = Literal["critical", "high", "medium", "low", "never"]
Allow = Literal["observe", "interact", "disrupt"]
Census = Literal["sample", "full"]


def scan(
    target: str | Path | Topology | None = None, *,
    symptoms: Iterable[str] = (), select: Iterable[str] = (), ignore: Iterable[str] = (),
    packs: Iterable[Path] = (), baseline: Path | None = None, fail_on: FailOn = "high",
    options: Options | None = None,
) -> Report:  # fmt: skip
    """Probes a site, judges, diagnoses: what `sessiondoctor scan` does.

    Args:
        target: a URL, a topology file, a topology; `./sessiondoctor.yaml` without one.
        symptoms: what users report, such as `logged-out-after-idle`.
        select: only these checks or families; all without a word.
        ignore: not these.
        packs: folders of checks and causes of your own.
        baseline: a JSON report; what it has already does not count.
        fail_on: the least severity that makes `report.exit_code` 1.
        options: requests, rate, timeout, deadline, what is allowed. Nothing but `observe` without them: it reads, and
            runs the flow that a topology file declares.

    Raises:
        UsageError: the target or one of the words is none; says what to write instead.
        RuntimeError: an event loop runs already; then `await scanned(...)`.
    """
    wanted = ordered(
        _topology(target), symptoms=symptoms, select=select, ignore=ignore, packs=packs, baseline=baseline,
        fail_on=fail_on, options=options,
    )  # fmt: skip
    import asyncio

    return asyncio.run(scanned(wanted))


async def scanned(order: Order, progress: Progress | None = None) -> Report:
    """The same within a running event loop, for an order of `ordered`. Cancelling it gives the report so far."""
    from sessiondoctor.pipeline.outing import sent_out
    from sessiondoctor.pipeline.scan import scan as probe_and_judge

    async def errand(order: Order, wire: Wire) -> Report:
        return await probe_and_judge(order, wire, progress or _Nobody())

    return await sent_out(order, errand)


def judge(
    *files: str | Path, as_: str = "", topology: str | Path | Topology | None = None,
    symptoms: Iterable[str] = (), select: Iterable[str] = (), ignore: Iterable[str] = (),
    packs: Iterable[Path] = (), baseline: Path | None = None, fail_on: FailOn = "high",
) -> Report:  # fmt: skip
    """Judges configuration, manifests, logs, captures and bundles: what `sessiondoctor judge` does. Contacts nobody.

    Args:
        files: files and folders; `app1=app1/.env` says whose a file is.
        as_: what they are, a name of `sessiondoctor list formats`; recognised without it.
        topology: what else is known.
        symptoms: as for `scan`.
        select: likewise.
        ignore: likewise.
        packs: likewise.
        baseline: likewise.
        fail_on: likewise.

    Raises:
        UsageError: one of the files is not there, or one of the words is none.
    """
    from sessiondoctor.artefacts.dispatch import checked_format
    from sessiondoctor.artefacts.intake import sources
    from sessiondoctor.pipeline.offline import judge_files

    words = tuple(map(str, files))
    known = nowhere() if topology is None else _topology(topology)
    order = ordered(
        known, files=words, symptoms=symptoms, select=select, ignore=ignore, packs=packs, baseline=baseline,
        fail_on=fail_on,
    )  # fmt: skip
    return judge_files(order, sources(words, checked_format(as_)))


def ordered(
    topology: Topology, *, files: Iterable[str] = (),
    symptoms: Iterable[str] = (), select: Iterable[str] = (), ignore: Iterable[str] = (),
    packs: Iterable[Path] = (), baseline: Path | None = None, fail_on: FailOn = "high", evidence: str = "",
    options: Options | None = None, checks_only: bool = False, allow_inconclusive: bool = False,
) -> Order:  # fmt: skip
    """What the pipeline is asked for; every mistake in catalogue, words and baseline is an error here.

    Args:
        topology: of the site.
        files: what is judged in place of the site.
        evidence: without `select`, only checks that need this type of evidence.
        checks_only: nothing is said but what came of the selected checks.
        allow_inconclusive: that something could not be looked at does not change the exit code.
        symptoms: as for `scan`.
        select: likewise.
        ignore: likewise.
        packs: likewise.
        baseline: likewise.
        fail_on: likewise.
        options: likewise.
    """
    select = tuple(select)
    catalogue = replace(catalogue_with(packs), tolerant=True)
    checks = _chosen(catalogue, select, tuple(ignore), evidence)
    if topology.site.product:
        catalogue.product(topology.site.product)
    if len(catalogue.folders) > 1:
        _ = catalogue.causes  # read now: a mistake in a user's page is said before anything is contacted
    return Order(
        topology=_with_symptoms(topology, tuple(symptoms)),
        catalogue=catalogue,
        checks=checks,
        options=options or Options(),
        asked=tuple(check.id for check in checks) if select else (),
        named=frozenset(select) if checks_only else frozenset(),
        checks_only=checks_only,
        fail_on=None if fail_on == "never" else Severity(fail_on),
        baseline=read_baseline(baseline) if baseline else nothing(),
        allow_inconclusive=allow_inconclusive,
        files=tuple(files),
    )


def catalogue_with(packs: Iterable[Path]) -> Catalogue:
    """The built-in catalogue and the user's packs.

    Raises:
        UsageError: a pack is no folder.
    """
    packs = tuple(map(Path, packs))
    for pack in packs:
        if not pack.is_dir():
            raise UsageError(f"--pack {pack}: expected a folder with checks, as <family>/<check_id>.py")
    return Catalogue((builtin(), *packs))


def _topology(target: str | Path | Topology | None) -> Topology:
    if isinstance(target, Topology):
        return target
    return read_target(None if target is None else str(target), os.environ)


def _chosen(catalogue: Catalogue, select: tuple[str, ...], ignore: tuple[str, ...], evidence: str) -> tuple[Check, ...]:
    words = select or (catalogue.needing(evidence) if evidence else ())
    checks = catalogue.select(words) if words else tuple(catalogue.checks.values())
    ignored = {check.id for check in catalogue.select(ignore)}
    return tuple(check for check in checks if check.id not in ignored)


def _with_symptoms(topology: Topology, words: tuple[str, ...]) -> Topology:
    known: tuple[Symptom, ...] = get_args(Symptom)
    for word in words:
        if word not in known:
            raise UsageError(f"--symptom {word}: expected one of {', '.join(known)}{did_you_mean(word, known)}")
    added = (symptom for symptom in known if symptom in words)
    return replace(topology, symptoms=tuple(dict.fromkeys((*topology.symptoms, *added))))


class _Nobody:
    """Whom nothing is told."""

    def started(self, probe: Probe) -> None:
        """Nothing."""

    def noted(self, probe: Probe, text: str) -> None:
        """Nothing."""

    def finished(self, probe: Probe) -> None:
        """Nothing."""
