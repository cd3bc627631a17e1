"""What browsers send in a scan, captured and judged: what both can tell, they tell alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor import library
from sessiondoctor.demo.cluster import cluster
from sessiondoctor.formats.jar import Jar
from sessiondoctor.probes.browser.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from sessiondoctor.model import Report
    from sessiondoctor.probes.browser.results import Answer
    from sessiondoctor.wire.message import Request

CAN_TELL = {"pass", "fail"}
# What a capture shows of each fault, by ids of checks.
FAULTS = {
    "lb-no-affinity": {"client-moves", "affinity-cookie-absent", "affinity-cookie-ignored"},
    "cookie-path-mismatch": {"cookie-path-narrow"},
    "none": set(),
}


def shown(request: Request, answer: Answer) -> str:
    """As `curl -v` prints it."""
    sent = "; ".join(cookie.pair for cookie in answer.sent if cookie.carrier == "cookie")
    headers = [*(pair for pair in request.headers if pair[0].lower() not in {"cookie", "host"}), ("Cookie", sent)]
    url, response = answer.response.url, answer.response
    host, _, path = url.partition("://")[2].partition("/")
    lines = [f"$ curl -v {url}", f"> {request.method} /{path} HTTP/1.1", f"> Host: {host}"]
    lines += [f"> {name}: {value}" for name, value in headers if value]
    lines += [">", f"< HTTP/1.1 {response.status} -", *(f"< {name}: {value}" for name, value in response.headers), "<"]
    return "\n".join([*lines, response.text[:200], ""])


def told(report: Report) -> dict[str, str]:
    """What each check of edge and affinity could tell."""
    both = (finding for finding in report.findings if finding.family in {"edge", "affinity"})
    return {finding.check: str(finding.status) for finding in both if str(finding.status) in CAN_TELL}


@pytest.mark.parametrize(("fault", "seen"), FAULTS.items(), ids=FAULTS)
def test_a_captured_scan_is_judged_alike(
    fault: str, seen: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of clients that do as browsers do: those that withhold or keep back cookies are no capture of anybody."""
    captured: list[str] = []
    send: Any = Client._send

    async def recorded(client: Client, request: Request) -> Answer:
        answer: Answer = await send(client, request)
        if type(client.jar) is Jar and not client._withheld:
            captured.append(shown(request, answer))
        return answer

    monkeypatch.setattr(Client, "_send", recorded)
    with cluster(fault) as running:
        live = library.scan(running.topology)
        (tmp_path / "capture.txt").write_text("\n".join(captured))
        capture = library.judge(tmp_path / "capture.txt", topology=running.topology)
    there, here = told(live), told(capture)
    common = there.keys() & here.keys()
    assert {check: there[check] for check in common} == {check: here[check] for check in common}
    assert seen <= {check for check in common if there[check] == "fail"}
    assert len(common) > 10
