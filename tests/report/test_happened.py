"""What happened to each client, in every format that tells it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema
import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.model import ClientHistory as History
from sessiondoctor.model import ClientRequest as Request
from sessiondoctor.model import Confidence, Finding, Severity, Status
from sessiondoctor.report import Style, render
from sessiondoctor.report.happened import courses, legend
from sessiondoctor.report.pictures import dropped_in, requests_of
from sessiondoctor.report.reader import read_report, report_schema
from tests.fakes.reports import a_report

if TYPE_CHECKING:
    from pathlib import Path

SECURE = "connect.sid: dropped, Secure set over plain HTTP"
REQUESTS = (
    Request("app1", "kept", 200, "sid:3f9a", at_s=0.01, named_by="marker"),
    Request("app2", "lost", 200, "sid:77b0", renewed=True, at_s=0.05, named_by="marker", dropped=(SECURE,)),
    Request("app2", "kept", 200, "sid:77b0", at_s=0.09, named_by="marker"),
    Request("", "unknown", 0, "sid:77b0", at_s=10.5, trouble="shop.test:80: refused the connection"),
)
CLIENTS = (
    History("returning 1", "4 requests (app1 1, app2 2, unknown node 1), state lost in 1 of 2 looks", REQUESTS),
    History("returning 2", "1 request (app1 1)", REQUESTS[:1]),
    History("fresh", f"12 first visits (app1 12), no session id; {SECURE} (12 times)"),
)
REPORT = a_report(requests=CLIENTS)
HOSTILE = "\x1b[31m<b>`x`</b> ``` [link](javascript:x) \u202e|</details>"
NARROW = """\
What happened
  Nodes are told apart by the declared marker.
    #      at  node  session         state    http
  returning 1 (sends back what a browser does): 4 requests
  (app1 1, app2 2, unknown node 1), state lost in 1 of 2
  looks
    1   0.01s  app1  sid:3f9a  new   written  200
    2   0.05s  app2  sid:77b0  new   lost     200
       connect.sid: dropped, Secure set over plain HTTP
    3   0.09s  app2  sid:77b0  kept  kept     200
    4  10.50s  ?     sid:77b0  kept  ?        -
       shop.test:80: refused the connection
  returning 2: 1 request (app1 1)
    1   0.01s  app1  sid:3f9a  new   written  200
  fresh (new clients without any cookie): 12 first visits
  (app1 12), no session id; connect.sid: dropped, Secure set
  over plain HTTP (12 times)"""
WIDE = """\
What happened
  Nodes are told apart by the declared marker.
    #      at  node  session         state    http
  returning 1 (sends back what a browser does): 4 requests (app1 1, app2 2, unknown node 1), state lost in 1 of 2 looks
    1   0.01s  app1  sid:3f9a  new   written  200
    2   0.05s  app2  sid:77b0  new   lost     200   connect.sid: dropped, Secure set over plain HTTP
    3   0.09s  app2  sid:77b0  kept  kept     200
    4  10.50s  ?     sid:77b0  kept  ?        -     shop.test:80: refused the connection
  returning 2: 1 request (app1 1)
    1   0.01s  app1  sid:3f9a  new   written  200
  fresh (new clients without any cookie): 12 first visits (app1 12), no session id; connect.sid: dropped, Secure set
  over plain HTTP (12 times)"""


def cells(*requests: Request) -> list[tuple[str, ...]]:
    """The rows of one client with these requests."""
    (course,) = courses((History("raw", "", requests),))
    return [row.cells for row in course.rows]


def happened(width: int, *, verbose: bool = False, color: bool = False) -> str:
    """The section of the text report."""
    text = render(REPORT, "text", Style(width=width, verbose=verbose, color=color))
    return text[text.index("What happened") : text.rindex("\n\n")]


# Rows.


def test_what_became_of_the_session_id() -> None:
    """New when first held or renewed; kept when seen before; changed where another value may be the same session."""
    tokens = [("", False), ("sid:1", False), ("sid:1", False), ("sid:2", True), ("sid:1", False), ("sid:3", False)]
    rows = cells(*(Request("app1", "kept", 200, token, renewed) for token, renewed in tokens))
    assert [row[4] for row in rows] == ["none", "new", "kept", "new", "kept", "changed"]


def test_the_first_request_writes() -> None:
    """Unless nothing is known of the state."""
    rows = cells(
        Request("app1", "kept", 200),
        Request("app1", "kept", 200),
        Request("app1", "lost", 500),
        Request(),
    )
    assert [row[5] for row in rows] == ["written", "kept", "lost", "?"]
    assert cells(Request())[0] == ("1", "0.00s", "?", "-", "none", "?", "-")


def test_long_names_keep_both_ends() -> None:
    """Pods of one deployment differ at their end."""
    (one,), (other,) = (
        cells(Request("shop-" + "7" * 40 + "-x2x4z")),
        cells(Request("shop-" + "7" * 40 + "-k9k9k")),
    )
    assert one[2] != other[2]
    assert len(one[2]) <= 24
    assert one[2].startswith("shop-7")


def test_a_kind_of_client_is_explained_once() -> None:
    """An unknown kind, of a newer program, is shown as it is."""
    first, second, _, unknown = courses((*CLIENTS, History("sideways 1", "traces")))
    assert (first.client, second.client) == ("returning 1 (sends back what a browser does)", "returning 2")
    assert unknown.client == "sideways 1"


def test_how_nodes_are_known_is_said_once() -> None:
    """An affinity cookie is weaker evidence than a marker."""
    requests = (
        Request("app1", named_by="affinity-cookie"),
        Request("app2", named_by="marker"),
        Request("x", named_by="new"),
    )
    told = legend((History("raw", "", requests),))
    assert told == "Nodes are told apart by the declared marker and affinity cookies."
    assert legend((History("raw", "", (Request(),)),)) == "Nothing tells which node answered."


def test_rows_are_harmless() -> None:
    """No control character, nothing endless."""
    text = HOSTILE * 99
    request = Request(text, text, 200, text, trouble=text, dropped=(text,) * 99)
    (course,) = courses((History(text, text, (request,)),))
    assert all(cell.isprintable() for row in course.rows for cell in (*row.cells, *row.notes))
    assert max(len(cell) for row in course.rows for cell in (*row.cells, *row.notes)) <= 240
    assert len(course.rows[0].notes) == 11
    assert (course.client + course.summary).isprintable()


# Pictures in findings.


def test_a_picture_tells_of_dropped_cookies() -> None:
    """Each once, below the requests of the client that the main answer names; a report without them has none."""
    requests = (Request("app1", dropped=(SECURE, HOSTILE)), Request("app2", dropped=(SECURE,)))
    clients = (*CLIENTS, History("raw", "2 requests", requests))
    finding = Finding("a-check", "edge", Status.FAIL, Severity.HIGH, Confidence.FIRM, "site", "lost", {"client": "raw"})
    report = a_report(findings=(finding,), requests=clients)
    assert requests_of(report) == requests
    told = dropped_in(requests_of(report))
    assert told[0] == SECURE
    assert len(told) == 2
    assert told[1].isprintable()
    assert f"  - {SECURE}\n" in render(report, "text", Style())


@pytest.mark.parametrize(
    "seen", [{}, {"client": "returning 9"}, {"client": ["raw"]}, {"client": "fresh"}, {"client": 5}]
)
def test_who_is_not_among_the_clients_is_not_drawn(seen: dict[str, object]) -> None:
    """A report file may come from anywhere."""
    finding = Finding("a-check", "edge", Status.FAIL, Severity.HIGH, Confidence.FIRM, "site", "lost", seen)
    assert requests_of(a_report(findings=(finding,), requests=CLIENTS)) == ()


# The text report.


def test_only_the_verbose_report_tells_it() -> None:
    """The answer comes first, and by default alone."""
    assert "What happened" not in render(REPORT, "text", Style())
    assert "What happened" not in render(a_report(), "text", Style(verbose=True))


def test_a_wide_terminal_has_one_line_a_request() -> None:
    """Notes in a column of their own, wrapped within it."""
    assert happened(120, verbose=True) == WIDE


def test_a_narrow_terminal_has_notes_below() -> None:
    """Nothing is squeezed."""
    assert happened(60, verbose=True) == NARROW


@pytest.mark.parametrize(("width", "beside"), [(60, False), (80, False), (100, True), (120, True)])
def test_notes_are_beside_where_they_fit(width: int, *, beside: bool) -> None:
    """A usual terminal has one line a request."""
    lines = [line for line in happened(width, verbose=True).splitlines() if line.endswith(SECURE)]
    assert ["app2" in line for line in lines] == [beside]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_requests_stand_below_each_other(width: int) -> None:
    """The state is in one column, of all clients."""
    rows = [line for line in happened(width, verbose=True).splitlines() if re.match(r" +\d+ +\d+\.\d\ds ", line)]
    assert len(rows) == 5
    assert len({re.search(r"written|kept  +2|lost|\?  +-", line).start() for line in rows}) == 1  # type: ignore[union-attr]
    assert max(map(len, rows)) <= width


def test_wide_letters_count_as_they_look() -> None:
    """A node may have any name."""
    clients = (History("raw", "", (Request("店舗", "lost", 200), Request("app1", "lost", 200))),)
    text = render(replace(REPORT, requests=clients), "text", Style(width=80, verbose=True))
    japanese, latin = (line for line in text.splitlines() if "lost" in line)
    assert japanese.index("-") + 2 == latin.index("-")


def test_colour_tells_lost_from_kept() -> None:
    """As in the pictures."""
    assert re.search(r"\x1b\[1;31mlost", happened(120, verbose=True, color=True))
    assert "\x1b" not in happened(120, verbose=True)


# Markdown and HTML.


def test_markdown_folds_it_into_a_block() -> None:
    """Text that can be pasted; nothing in it ends the block."""
    text = render(REPORT, "markdown", Style())
    assert "<details><summary>What happened</summary>\n\n```text\n" in text
    assert f"  2   0.05s  app2  sid:77b0  new   lost     200   {SECURE}\n" in text
    hostile = render(
        replace(REPORT, requests=(History(HOSTILE, "````", (Request(HOSTILE, dropped=(HOSTILE,)),)),)),
        "markdown",
        Style(),
    )
    block = re.search(r"^(`{3,})text\n(.*?)^\1$", hostile, re.DOTALL | re.MULTILINE)
    assert block
    assert len(block[1]) == 5
    assert block[2].count("\n") == 4
    assert hostile[block.end() :].startswith("\n\n</details>\n")


def test_html_folds_it_into_a_table() -> None:
    """Escaped, also within a class."""
    client = History(HOSTILE, HOSTILE, (Request(HOSTILE, HOSTILE, 200, HOSTILE, trouble=HOSTILE, dropped=(HOSTILE,)),))
    text = render(replace(REPORT, requests=(client,)), "html", Style())
    section = text[text.index("<details>") : text.index("</details>")]
    assert "<b>" not in section
    assert "\x1b" not in section
    assert section.count("<tr>") == 2
    assert '<td class="unknown">' in section
    assert '<td class="lost">lost</td><td>200</td>' in render(REPORT, "html", Style())


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_without_clients_nothing_is_folded(name: str) -> None:
    """As in reports of older versions."""
    assert "<details>" not in render(a_report(), name, Style())


# JSON.


def test_json_has_it_and_reads_it_back(tmp_path: Path) -> None:
    """It fits the schema, and what says nothing is left out."""
    file = tmp_path / "r.json"
    file.write_text(render(REPORT, "json", Style()))
    document = json.loads(file.read_text())
    jsonschema.validate(document, report_schema())
    assert document["requests"][1] == {
        "client": "returning 2",
        "summary": "1 request (app1 1)",
        "requests": [
            {"node": "app1", "state": "kept", "status": 200, "session": "sid:3f9a", "at_s": 0.01, "named_by": "marker"}
        ],
    }
    assert read_report(file) == REPORT
    wrong = {**document, "requests": [{"client": "x", "summary": "", "requests": [{"status": "no"}]}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, report_schema())
    file.write_text(json.dumps(wrong))
    with pytest.raises(UsageError, match=r"requests\.0\.requests\.0\.status"):
        read_report(file)


def test_a_report_of_an_older_version_is_read(tmp_path: Path) -> None:
    """It has no requests, fits the schema, and is written as it was."""
    text = render(a_report(), "json", Style())
    assert "requests" not in json.loads(text)
    jsonschema.validate(json.loads(text), report_schema())
    file = tmp_path / "r.json"
    file.write_text(text)
    assert read_report(file).requests == ()
    assert render(read_report(file), "json", Style()) == text


def test_the_schema_tells_what_a_request_is() -> None:
    """Every field of one is described."""
    schema = report_schema()
    assert "requests" not in schema["required"]
    assert schema["properties"]["requests"]["items"] == {"$ref": "#/$defs/ClientHistory"}
    request = schema["$defs"]["ClientRequest"]
    assert all(name in request["description"] for name in request["properties"])
