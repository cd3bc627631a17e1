"""SARIF 2.1.0 for code scanning: every result has a place in the user's topology file.

Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Code scanning drops results without a
physical location, so that a result without a line of its own points at the first line of the topology.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessiondoctor.model import Diagnosis, Finding, Report, Severity, Status
from sessiondoctor.report import wording
from sessiondoctor.report.escape import printable

if TYPE_CHECKING:
    from sessiondoctor.evidence.location import Location
    from sessiondoctor.report import Style

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_UNTOLD = "cause-not-told"
_LONGEST = 1024
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}


def render(report: Report, _style: Style) -> str:
    """One run; stated causes and failed findings are its results."""
    failed = [finding for finding in report.findings if finding.status is Status.FAIL]
    rules = {d.cause: _rule(d.cause, d.title, d.severity, _fix_of(d)) for d in report.stated}
    if wording.is_untold(report):
        rules[_UNTOLD] = _rule(_UNTOLD, wording.headline(report), Severity.HIGH)
    rules |= {f.check: _rule_of_check(f) for f in failed}
    order = list(rules)
    run = {
        "tool": {
            "driver": {"name": report.tool.name, "semanticVersion": report.tool.version, "rules": list(rules.values())}
        },
        "invocations": [
            {"executionSuccessful": report.complete, "exitCode": report.exit_code, "startTimeUtc": report.started_at}
        ],
        "results": [
            *(_stated(diagnosis, order, report.target) for diagnosis in report.stated),
            *_untold(report, order),
            *(_failed(finding, order, report.target) for finding in failed),
        ],
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _rule(name: str, title: str, severity: Severity, about: str = "") -> dict[str, Any]:
    """A rule as code scanning shows it; `about` is Markdown. Texts of more than 1024 characters are cut there."""
    text = printable("\n\n".join(filter(None, (about, f"`sessiondoctor explain {name}` tells more."))))
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": printable(title)[:_LONGEST]},
        "fullDescription": {"text": printable(about.replace("\n", " ") or title)[:_LONGEST]},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"security-severity": _SCORES[severity], "tags": ["session", "reliability"]},
    }


def _rule_of_check(finding: Finding) -> dict[str, Any]:
    """By what the check says of itself; of a check of somebody's pack, by its finding."""
    from sessiondoctor.catalogue.loader import Catalogue, builtin
    from sessiondoctor.errors import UsageError

    try:
        (check,) = Catalogue((builtin(),)).select([finding.check])
    except UsageError:
        return _rule(finding.check, finding.summary, finding.severity)
    return _rule(finding.check, check.title, finding.severity, check.doc)


def _fix_of(diagnosis: Diagnosis) -> str:
    steps = "\n".join(f"- {step}" for step in diagnosis.solution.steps)
    return f"{diagnosis.solution.summary}\n\n{steps}".strip()


def _stated(diagnosis: Diagnosis, rules: list[str], target: str) -> dict[str, Any]:
    place = f" on {', '.join(diagnosis.where)}" if diagnosis.where else ""
    text = f"{diagnosis.title}{place} ({diagnosis.probability:.2f}). {diagnosis.solution.summary}"
    return _result(
        diagnosis.cause, rules, _LEVELS[diagnosis.severity], text, wording.place_of(diagnosis), target,
        f"diagnosis/{diagnosis.cause}",
    )  # fmt: skip


def _untold(report: Report, rules: list[str]) -> list[dict[str, Any]]:
    """The one result where state was lost and no cause is stated."""
    if not wording.is_untold(report):
        return []
    text = wording.answer(report)
    return [_result(_UNTOLD, rules, "error", text, None, report.target, f"diagnosis/{_UNTOLD}")]


def _failed(finding: Finding, rules: list[str], target: str) -> dict[str, Any]:
    place = "" if finding.subject == "site" else f"{finding.subject}: "
    text = place + finding.summary
    return _result(finding.check, rules, _LEVELS[finding.severity], text, finding.at, target, finding.fingerprint)


def _result(
    rule: str, rules: list[str], level: str, text: str, at: Location | None, target: str, fingerprint: str
) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": level,
        "message": {"text": printable(text)},
        "locations": [_physical(at, target)],
        "partialFingerprints": {"sessiondoctor/1": fingerprint},
    }


def _physical(at: Location | None, target: str) -> dict[str, Any]:
    file = at.file if at else target
    named = at or ("://" not in file and file.endswith((".yaml", ".yml")) and " " not in file)
    uri = _relative(file) if named else "sessiondoctor.yaml"
    region = {"startLine": max(at.line if at else 1, 1)}
    if at and at.column:
        region["startColumn"] = at.column
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def _relative(file: str) -> str:
    """Code scanning wants paths relative to the checkout."""
    path = Path(file)
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
