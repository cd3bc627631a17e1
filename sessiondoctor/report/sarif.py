"""SARIF 2.1.0, as code scanning wants it: rules with whole texts, results at real lines.

Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and GitHub's "SARIF support for code scanning".
A result points at the line of the file that shows it, else at the line of the topology that declares its subject. Where
a URL was scanned there is no file: then it has a logical location, and none that does not exist.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessiondoctor.model import Diagnosis, Finding, Report, Severity
from sessiondoctor.report import wording
from sessiondoctor.report.escape import printable
from sessiondoctor.report.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.location import Location
    from sessiondoctor.report import Style

HELP = "https://sessiondoctor.readthedocs.io/en/latest"
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}
_PRECISIONS = {"certain": "very-high", "firm": "high", "tentative": "medium"}
_UNTOLD = "cause-not-told"
_LONGEST_NAME = 255


def render(report: Report, style: Style) -> str:
    """One run; stated causes and failed findings are its results."""
    known = Known(style.packs)
    failed = wording.failed(report)
    rules = {d.cause: _cause_rule(d, known) for d in report.stated}
    if wording.is_untold(report):
        rules[_UNTOLD] = _untold_rule()
    rules |= {finding.check: _check_rule(finding, known) for finding in reversed(failed)}
    order = list(rules)
    run = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "semanticVersion": report.tool.version,
                "informationUri": HELP,
                "rules": list(rules.values()),
            }
        },
        "automationDetails": {"id": "sessiondoctor/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": report.complete, "exitCode": report.exit_code, "startTimeUtc": _utc(report)}
        ],
        "properties": {"remarks": [printable(line) for line in wording.remarks(report)]},
        "results": [
            *(_stated(diagnosis, order, report) for diagnosis in report.stated),
            *_untold(report, order),
            *(_failed(finding, order, report) for finding in failed),
        ],
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _utc(report: Report) -> str:
    return printable(report.started_at.replace("+00:00", "Z"))


def _cause_rule(diagnosis: Diagnosis, known: Known) -> dict[str, Any]:
    """A cause's page is its help; the texts are the catalogue's, so that they are the same in each run."""
    cause = known.cause(diagnosis.cause)
    full = known.lead(diagnosis.cause) or diagnosis.title
    page = f"# {cause.title}\n\n{cause.page}" if cause else diagnosis.solution.summary
    return _rule(
        diagnosis.cause, cause.title if cause else diagnosis.title, full, page, diagnosis.severity,
        f"causes/{diagnosis.cause}",
    )  # fmt: skip


def _check_rule(finding: Finding, known: Known) -> dict[str, Any]:
    check = known.check(finding.check)
    title = check.title if check else finding.check
    full = (check.doc if check else "") or title
    rule = _rule(
        finding.check, title, full, f"# {title}\n\n{full}", check.severity if check else finding.severity,
        f"checks/{finding.check}",
    )  # fmt: skip
    rule["properties"]["precision"] = _PRECISIONS[finding.confidence]
    return rule


def _untold_rule() -> dict[str, Any]:
    full = "State was lost, and no single cause is more likely than not; the findings say what was seen."
    return _rule(_UNTOLD, wording.UNTOLD, full, full, Severity.HIGH, "how-it-decides")


def _rule(name: str, title: str, full: str, page: str, severity: Severity, path: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-"))[:_LONGEST_NAME],
        "shortDescription": {"text": _sentence(title)},
        "fullDescription": {"text": _sentence(full)},
        "help": {"text": printable(f"Run: sessiondoctor explain {name}"), "markdown": printable(page)},
        "helpUri": f"{HELP}/{path}/",
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"security-severity": _SCORES[severity], "tags": ["session", "reliability"]},
    }


def _sentence(text: str) -> str:
    shown = printable(" ".join(text.split()))
    return shown if shown.endswith((".", "!", "?")) else f"{shown}."


def _stated(diagnosis: Diagnosis, rules: list[str], report: Report) -> dict[str, Any]:
    place = f" on {', '.join(diagnosis.where)}" if diagnosis.where else ""
    text = f"{diagnosis.title}{place} ({wording.percent(diagnosis.probability)}). {diagnosis.solution.summary}"
    subject = diagnosis.where[0] if diagnosis.where else ""
    where = _locations(wording.place_of(diagnosis), subject, report)
    mark = f"diagnosis/{diagnosis.cause}"
    return _result(diagnosis.cause, rules, _LEVELS[diagnosis.severity], text, where, mark) | _state(
        report, diagnosis.cause
    )


def _untold(report: Report, rules: list[str]) -> Iterator[dict[str, Any]]:
    """The one result where state was lost and no cause is stated."""
    if wording.is_untold(report):
        where = _locations(None, "", report)
        yield _result(_UNTOLD, rules, "error", wording.answer(report), where, f"diagnosis/{_UNTOLD}")


def _failed(finding: Finding, rules: list[str], report: Report) -> dict[str, Any]:
    place = "" if finding.subject == "site" else f"{finding.subject}: "
    where = _locations(finding.at, finding.subject, report)
    made = _result(finding.check, rules, _LEVELS[finding.severity], place + finding.summary, where, finding.fingerprint)
    return made | _state(report, finding.fingerprint)


def _state(report: Report, key: str) -> dict[str, str]:
    """Whether a baseline has it; without one nothing is said."""
    if not report.accepted:
        return {}
    return {"baselineState": "unchanged" if wording.is_accepted(report, key) else "new"}


def _result(
    rule: str, rules: list[str], level: str, text: str, where: list[dict[str, Any]], fingerprint: str
) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": level,
        "message": {"text": _sentence(text)},
        "locations": where,
        "partialFingerprints": {"sessiondoctor/1": printable(fingerprint)},
    }


def _locations(at: Location | None, subject: str, report: Report) -> list[dict[str, Any]]:
    """The line that shows it, else the one that declares its subject, else the part of the site by its name."""
    if at:
        return [_physical(at.file, at.line, at.column)]
    if _is_file(report):
        lines = {part.name: part.line for part in report.parts if part.line}
        return [_physical(report.target, lines.get(subject) or lines.get("site") or 1, 0)]
    name = report.target if subject in {"", "site"} else f"{report.target} {subject}"
    return [{"logicalLocations": [{"fullyQualifiedName": printable(name), "kind": "resource"}]}]


def _is_file(report: Report) -> bool:
    """Whether the target is a topology file: then its parts have lines."""
    return "://" not in report.target and report.target.endswith((".yaml", ".yml")) and " " not in report.target


def _physical(file: str, line: int, column: int) -> dict[str, Any]:
    region = {"startLine": max(line, 1)} | ({"startColumn": column} if column > 0 else {})
    return {"physicalLocation": {"artifactLocation": {"uri": _relative(file)}, "region": region}}


def _relative(file: str) -> str:
    """Code scanning wants paths relative to the checkout, as URIs."""
    from urllib.parse import quote

    path = Path(printable(file))
    try:
        path = path.resolve().relative_to(Path.cwd())
    except (ValueError, OSError):
        return path.as_uri() if path.is_absolute() else quote(path.as_posix())
    return quote(path.as_posix())
