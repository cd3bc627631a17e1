"""Every format: nothing from outside gets through as it came, and nothing is lost on the way back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.evidence.location import Location
from sessiondoctor.model import (
    SCHEMA,
    Accepted,
    Because,
    ClockOffset,
    ClockTable,
    Confidence,
    Diagnosis,
    Finding,
    Outcome,
    Part,
    Report,
    Severity,
    Solution,
    Status,
    Tool,
)
from sessiondoctor.model import (
    ClientHistory as History,
)
from sessiondoctor.model import (
    ClientRequest as Request,
)
from sessiondoctor.report import FORMATS, Style, render
from sessiondoctor.report.escape import printable
from sessiondoctor.report.reader import read_report, report_schema
from tests.fakes.reports import a_diagnosis, a_report

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "\x1b[31m\x07\x00\x9b\u202e\u200b\ud800 [bold][/nope][link=javascript:alert(1)]x[/link] <script>alert(1)</script>"
    " <img src=x onerror=alert(1)> ]]> ::error::x \r\n# h | `a` **b** [l](javascript:alert(1)) http://evil.test %0A"
)
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\ud800]")
HTML_ATTRIBUTES = {
    *(
        "class",
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "id",
        "href",
        "scope",
        "datetime",
        "tabindex",
        "role",
    ),
    *("role", "aria-label", "aria-labelledby", "aria-hidden"),
    *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "d", "width", "height", "viewbox", "text-anchor"),
}
NODES = tuple(f"app{n}" for n in range(1, 13))


def finding(text: str = "plain", status: Status = Status.FAIL, **changes: object) -> Finding:
    """A finding with both pictures."""
    states = ["kept", "lost", "error", "unknown", text]
    seen = {
        "client": text,
        "matrix": {"nodes": list(NODES), "rows": [[states[(i + j) % 5] for j in range(12)] for i in range(12)]},
    }
    made = Finding(
        "a-check", "store", status, Severity.HIGH, Confidence.FIRM, text, text, seen, text, Location(text, 3), "f1"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def requests(text: str) -> History:
    """A client whose every word is this text."""
    made = (Request(node, text, 200, text, n > 0, 0.1 * n, text, text, (text,) * 3) for n, node in enumerate(NODES))
    return History(text, text, (*made, Request(text)))


def clocks(text: str) -> ClockTable:
    """Clocks whose every word is this text, one of them off."""
    return ClockTable(text, (ClockOffset(text, "node", text, -90.0, 0.5), ClockOffset(text, "store", text, 0.0, 0.5)))


def parts(text: str) -> tuple[Part, ...]:
    """A site whose every word is this text, and whose parts send to each other in a circle."""
    front, node = f"{text}1", f"{text}2"
    return (
        Part(text, "site", text, (front,)),
        Part(front, "balancer", text, (node,)),
        Part(node, "node", text, (front, text)),
    )


def report(text: str = "plain") -> Report:
    """A report in which every field from outside is this text."""
    solution = Solution(text, text, (f"Do:\n```\n{text}\n```",), (text,))
    reason = Because("a-check", text, text, 3.5)
    stated = Diagnosis(
        "a-cause", "store", text, Severity.HIGH, 0.97, (text,), (reason,), (reason,), ("b",), solution, text
    )
    findings = tuple(finding(text, status) for status in Status)
    return Report(
        SCHEMA, Tool("sessiondoctor", "1"), text, "2026-01-01T00:00:00+00:00", 1.5, True, 1,  # noqa: FBT003 - complete
        Outcome.FAULT_FOUND, (stated,), (), (), findings, (), (requests(text),), clocks(text),
        parts=parts(text), accepted=Accepted(text, ("a-cause",), ("f1",)),
    )  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("width", [40, 80, 140])
def test_no_control_character_gets_through(name: str, width: int) -> None:
    """No escape sequence, no bidirectional mark, no lone surrogate; and no markup of rich's crashes a report."""
    text = render(report(HOSTILE), name, Style(width=width, verbose=True))
    own = {"markdown": {"\u200b"}}.get(name, set())  # with which Markdown's links are broken
    assert set(CONTROL.findall(text)) <= own
    text.encode("utf-8")


def test_the_html_report_has_only_elements_of_its_own() -> None:
    """Nothing of the payload becomes an element or an attribute."""

    class Elements(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.seen: set[str] = set()
            self.attributes: set[str] = set()
            self.targets: set[str] = set()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.seen.add(tag)
            self.attributes |= {name for name, _ in attrs}
            self.targets |= {value or "" for name, value in attrs if name == "href"}

    parser = Elements()
    parser.feed(render(report(HOSTILE), "html", Style()))
    assert not parser.seen & {"script", "img", "iframe", "link", "object", "image", "use", "foreignobject", "b"}
    assert parser.attributes <= HTML_ATTRIBUTES
    assert all(re.fullmatch("#[a-z]+(-[0-9]+)?", target) for target in parser.targets)


def test_the_xml_is_well_formed_and_adds_up() -> None:
    """JUnit's figures are those of its cases."""
    root = ET.fromstring(render(report(HOSTILE), "junit", Style()))
    for suite in root.iter("testsuite"):
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))


def test_jira_gives_no_meaning_to_what_came_from_outside() -> None:
    """Every character of its markup is escaped; a block cannot be ended from within."""
    text = render(report("{noformat} [~admin] *b* |x| {color:red}"), "jira", Style())
    outside = "".join(text.split("{noformat}\n")[::2])
    assert not re.search(r"(?<!\\)(\[~|\{color|\*b\*)", outside)
    assert text.count("{noformat}\n") % 2 == 0


def test_slack_calls_nobody() -> None:
    """No mention, no link, no format; and it is short."""
    text = render(report("<!channel> <@U1> <https://evil.test|x> *b* ```"), "slack", Style())
    assert "<" not in text
    outside = re.sub(r"```.*?```|`.*?`", "", text, flags=re.DOTALL)
    assert "*b*" not in outside
    assert "https:" not in outside
    assert text.count("```") == 2
    assert len(text.splitlines()) <= 20


def sarif(of: Report) -> dict[str, Any]:
    """The only run of its SARIF document."""
    (run,) = json.loads(render(of, "sarif", Style()))["runs"]
    assert isinstance(run, dict)
    return run


def test_a_sarif_result_points_at_the_line_that_shows_it_or_declares_its_subject() -> None:
    """A file's line, else that of the topology."""
    parts = (Part("site", "site", line=3), Part("app2", "node", line=14))
    shown = finding("x", at=Location("haproxy.cfg", 7, 3), subject="edge")
    declared = finding("y", at=None, subject="app2", fingerprint="f2")
    unknown = finding("z", at=None, subject="elsewhere", fingerprint="f3")
    run = sarif(a_report(findings=(shown, declared, unknown), parts=parts))
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert places == [
        {"artifactLocation": {"uri": "haproxy.cfg"}, "region": {"startLine": 7, "startColumn": 3}},
        {"artifactLocation": {"uri": "sessiondoctor.yaml"}, "region": {"startLine": 14}},
        {"artifactLocation": {"uri": "sessiondoctor.yaml"}, "region": {"startLine": 3}},
    ]


def test_a_sarif_result_of_a_url_points_at_no_file() -> None:
    """There is none."""
    run = sarif(a_report(target="https://shop.test/", findings=(finding("x", at=None, subject="app2"),)))
    (result,) = run["results"]
    assert result["locations"] == [
        {"logicalLocations": [{"fullyQualifiedName": "https://shop.test/ app2", "kind": "resource"}]}
    ]


def test_sarif_rules_are_the_catalogue_s() -> None:
    """Whole sentences, the same in each run, with the page as help."""
    cause, other = (
        a_diagnosis("signing-secret-mismatch"),
        finding("x", check="cookie-flags-weak", summary="today's words"),
    )
    run = sarif(a_report(diagnosis=(cause,), findings=(other,)))
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["fullDescription"]["text"].endswith(".")
        assert rule["helpUri"].startswith("https://")
        assert rule["help"]["markdown"].startswith("# ")
        assert "today" not in json.dumps(rule)
    assert "## Look-alikes" in run["tool"]["driver"]["rules"][0]["help"]["markdown"]


def test_sarif_says_what_a_baseline_has() -> None:
    """Without one it says nothing of that."""
    one, two = finding("x", fingerprint="f1"), finding("y", fingerprint="f2")
    known = Accepted("old.json", (), ("f1",))
    run = sarif(a_report(findings=(one, two), accepted=known))
    assert [result["baselineState"] for result in run["results"]] == ["unchanged", "new"]
    assert "baselineState" not in json.dumps(sarif(a_report(findings=(one,))))


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"json"}))
def test_every_format_names_the_baseline(name: str) -> None:
    """And counts what it kept from counting."""
    known = Accepted("old.json", ("a-cause",), ("f1", "f2"))
    text = " ".join(render(a_report(accepted=known), name, Style(width=200)).replace("\\", "").split())
    assert "old.json: 1 cause and 2 failed findings are known and do not count" in text


def test_junit_s_failures_are_what_the_exit_code_counts() -> None:
    """Advice, and what stands below the level, is no failure, and no pass."""
    one, two = finding("x", fingerprint="f1"), finding("y", fingerprint="f2", check="other-check")
    cause = a_diagnosis("signing-secret-mismatch")
    for counts, failures in (((), 0), (("f2",), 1), (("f2", cause.cause), 2), (None, 3)):
        root = ET.fromstring(render(a_report(diagnosis=(cause,), findings=(one, two), counts=counts), "junit", Style()))
        assert len(root.findall(".//failure")) == failures
        assert len(root.findall(".//skipped")) == 3 - failures
        assert len(root.findall(".//testcase")) == 3


def test_one_workflow_command_a_line() -> None:
    """The payload's newline does not begin another."""
    lines = render(report(HOSTILE), "github", Style()).splitlines()
    assert all(re.match(r"::(error|warning|notice) ", line) for line in lines)


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_text_report_keeps_to_its_width(width: int, *, verbose: bool) -> None:
    """Whatever the nodes' number and the texts' length."""
    style = Style(width=width, verbose=verbose)
    lines = render(report("a plain sentence of some words"), "text", style).splitlines()
    assert max(map(len, lines)) <= width
    assert not any(line != line.rstrip() for line in lines)


def test_the_answer_comes_first() -> None:
    """Cause, probability and place on the first screen."""
    head = "\n".join(render(report("somewhere"), "text", Style(width=80)).splitlines()[:12])
    assert "97 %" in head
    assert "a-cause, high on somewhere" in head


def test_json_comes_back_as_it_went_and_fits_its_schema(tmp_path: Path) -> None:
    """Read back it is the same report; its own schema accepts it and rejects a change."""
    original = report("plain")
    file = tmp_path / "r.json"
    file.write_text(render(original, "json", Style()))
    document = json.loads(file.read_text())
    jsonschema.validate(document, report_schema())
    assert read_report(file).diagnosis == original.diagnosis
    assert [f.fingerprint for f in read_report(file).findings] == ["f1"] * len(Status)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "verdict": "fine"}, report_schema())


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"schema": 1}', "[" * 100_000])
def test_a_foreign_file_is_a_usage_error(tmp_path: Path, content: str) -> None:
    """One line that says what was expected."""
    file = tmp_path / "r.json"
    file.write_text(content)
    with pytest.raises(UsageError, match=r"not a report of schema sessiondoctor-report/1"):
        read_report(file)


def test_what_is_harmless_stays() -> None:
    """Letters of any script, and newlines."""
    assert printable("Grüße, 世界\n") == "Grüße, 世界\n"
    assert printable("a\x1b\u202eb") == "a\\x1b\\u202eb"
