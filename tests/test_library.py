"""What programs call: `from sessiondoctor import scan, judge`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import sessiondoctor
from sessiondoctor import judge, scan
from sessiondoctor.context import Options
from sessiondoctor.errors import UsageError
from sessiondoctor.library import ordered, scanned
from sessiondoctor.model import Outcome, Status
from sessiondoctor.topology.model import bare
from tests.fakes.silent_peers import answering

if TYPE_CHECKING:
    from pathlib import Path

PAGE = b"HTTP/1.1 200 OK\r\nSet-Cookie: SID=31d4; Path=/\r\nContent-Length: 0\r\n\r\n"
QUICK = Options(requests=4, deadline_s=20.0)
NGINX = "upstream app { server a:80; server b:80; }\nserver { location / { proxy_pass http://app; } }\n"


def test_importing_it_loads_nothing() -> None:
    """The version is asked by many who scan nothing."""
    program = "import sys; import sessiondoctor; print(*[n for n in sys.modules if n.startswith('sessiondoctor')])"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["sessiondoctor"]


def test_only_what_it_has_can_be_had() -> None:
    """As of any module."""
    assert set(sessiondoctor.__all__) == {"__version__", "judge", "scan", "scanned"}
    with pytest.raises(AttributeError, match="has no attribute 'diagnose'"):
        _ = sessiondoctor.diagnose


def test_a_scan_gives_a_report() -> None:
    """Frozen data, as the JSON report has it."""
    with answering(PAGE) as port:
        report = scan(f"http://127.0.0.1:{port}/", select=["cookie-flags-missing"], options=QUICK)
    (finding,) = (one for one in report.findings if one.check == "cookie-flags-missing")
    assert finding.status is Status.FAIL
    assert report.complete


def test_within_a_loop_it_is_awaited() -> None:
    """Several sites at once, for example."""

    async def both(port: int) -> list[str]:
        order = ordered(bare(f"http://127.0.0.1:{port}/"), select=["cookie-flags-missing"], options=QUICK)
        return [report.target for report in await asyncio.gather(scanned(order), scanned(order))]

    with answering(PAGE) as port:
        assert asyncio.run(both(port)) == [f"http://127.0.0.1:{port}/"] * 2


def test_files_are_judged(tmp_path: Path) -> None:
    """With a symptom they explain it; nobody is contacted."""
    file = tmp_path / "nginx.conf"
    file.write_text(NGINX)
    report = judge(file, symptoms=["logged-out-at-random"], fail_on="never")
    assert report.verdict is Outcome.FAULT_FOUND
    assert "lb-no-affinity" in {one.cause for one in report.diagnosis}
    assert report.exit_code == 0
    assert report.counts == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"symptoms": ["logged-out-at-rndom"]}, "did you mean 'logged-out-at-random'"),
        ({"select": ["cookie-flags-mising"]}, "cookie-flags-missing"),
        ({"ignore": ["nothing"]}, "there is no check or family"),
    ],
)
def test_a_mistake_is_said(words: dict[str, list[str]], message: str) -> None:
    """Before anything is contacted."""
    with pytest.raises(UsageError, match=message):
        scan("http://127.0.0.1:9/", **words)  # type: ignore[arg-type]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """A file, a topology."""
    with pytest.raises(UsageError):
        judge(tmp_path / "none.conf")
    with pytest.raises(UsageError):
        scan(tmp_path / "none.yaml")
