"""`sessiondoctor lint`: configuration only, one line a finding, for CI and pre-commit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from sessiondoctor.cli import options as o
from sessiondoctor.cli.documents.output import say
from sessiondoctor.cli.signals import Held

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.model import Finding, Severity

_MEDIA = ("configuration",)


@o.takes(*o.CHOSEN, "quiet")
def lint(job: o.Job, files: o.Files, as_: o.As = "", topology: o.Topology = None) -> None:
    """Check configuration files and manifests: one line a finding. Contacts nobody.

    A comment `sessiondoctor: ignore[check-id] reason` on the line or the line above switches a check off there.

    Exit codes: 0 nothing at or above --fail-on; 1 a fault; 2 a mistake on the command line or in a topology.
    """
    from sessiondoctor.artefacts.dispatch import checked_format
    from sessiondoctor.artefacts.intake import sources
    from sessiondoctor.cli.order import order_of
    from sessiondoctor.errors import UsageError

    job = replace(job, target=topology, allow_inconclusive=True, evidence="Configs")
    order = order_of(job, tuple(files))
    given = tuple(sources(files, checked_format(as_, _MEDIA)))
    if not given:
        raise UsageError(f"no file to look at in {', '.join(map(str, files))}: name a file, or a folder of files")
    if job.formats or job.output:
        from sessiondoctor.cli.in_hand import report_on

        raise typer.Exit(report_on(job, order, given, _MEDIA))

    from sessiondoctor.errors import ExitCode
    from sessiondoctor.outcome.exit_code import faults_of_files
    from sessiondoctor.pipeline.in_hand import findings

    with Held() as held:
        with held.reading() as stopped:
            judged = findings(order, given, _MEDIA, stopped)
        _print([one.finding for one in judged], quiet=job.quiet, verbose=job.verbose)
    if held.code:
        say("interrupted: not all files were read\n")
        raise typer.Exit(held.code)
    fails = any(_fails(fault.severity, order.fail_on) for fault in faults_of_files(judged, order.baseline))
    raise typer.Exit(ExitCode.FAULT if fails else ExitCode.CLEAR)


def _fails(severity: Severity, fail_on: Severity | None) -> bool:
    return fail_on is not None and severity.rank <= fail_on.rank


def _print(findings: Iterable[Finding], *, quiet: bool, verbose: bool) -> None:
    """The failed findings in the order of the files, and on standard error how many and what was not read."""
    from sessiondoctor.cli.documents.output import show
    from sessiondoctor.model import Status

    findings = list(findings)
    failed = [finding for finding in findings if finding.status is Status.FAIL]
    show("".join(f"{line}\n" for line in _lines(failed)))
    if quiet:
        return
    for finding in findings:
        if finding.status is Status.INCONCLUSIVE and (verbose or finding.check == "file-not-recognised"):
            say(_shown(f"{finding.subject}: not judged: {finding.reason}") + "\n")
    say(f"{len(failed)} finding{'' if len(failed) == 1 else 's'}\n" if failed else "no findings\n")


def _lines(failed: Iterable[Finding]) -> Iterator[str]:
    places = {id(finding): _place(finding) for finding in failed}
    for finding in sorted(failed, key=lambda finding: (*places[id(finding)], finding.check)):
        file, line, column = places[id(finding)]
        yield _shown(f"{file}:{line}:{column}: {finding.severity} {finding.check} {finding.summary}")


def _place(finding: Finding) -> tuple[str, int, int]:
    at = finding.at
    return (at.file, max(at.line, 1), max(at.column, 1)) if at else (finding.subject, 1, 1)


def _shown(text: str) -> str:
    from sessiondoctor.report.escape import one_line

    return one_line(text)
