"""Regenerate sample_reports/ from real runs: `python -m tests.lab.samples`.

What differs between two runs without meaning anything (folders, ports, times, tokens) is replaced by stable
names, so that the difference between two versions of a report is a difference of the tool.
"""

# ruff: noqa: T201 - a command prints
from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.scan import scan
from tests.lab.scenarios import named

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

SAMPLES = (
    "express-signing-secret-mismatch",  # keys
    "tomcat-route-id-duplicate",  # affinity
    "express-store-eviction",  # store
    "flask-cookie-too-large",  # edge
    "express-clock-skew",  # time
    "names-dns-multi-site-split",  # network
    "express-healthy",
)
FOLDER = Path(__file__).parent.parent.parent / "sample_reports"
SUFFIXES = {
    "text": "txt",
    "json": "json",
    "markdown": "md",
    "html": "html",
    "sarif": "sarif",
    "junit": "junit.xml",
    "github": "github.txt",
    "jira": "jira",
    "slack": "slack.txt",
}


def main() -> None:
    """Run the scenarios and write every document of each."""
    FOLDER.mkdir(exist_ok=True)
    for name in SAMPLES:
        with named(name).running() as (workspace, cluster):
            result = scan(cluster)
        for document, suffix in SUFFIXES.items():
            path = FOLDER / f"{name}.{suffix}"
            path.write_text(stable(result.documents[document], workspace, result.report["duration_s"]))
            print(path)


def stable(text: str, workspace: Workspace, seconds: float) -> str:
    """The document without what differs from run to run; `seconds` is how long the scan took."""
    text = text.replace(f"{workspace.directory}/", "").replace(str(workspace.directory), ".")
    for port, usual in workspace.usual_ports.items():
        text = re.sub(rf"\b{port}\b", str(usual), text)
    text = re.sub(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "2026-01-01T12:00:00Z", text)
    text = re.sub(r'"duration_s": [\d.]+', '"duration_s": 1.0', text).replace(f"; {seconds:.1f} s", "; 1.0 s")
    return _renumbered(text)


def _renumbered(text: str) -> str:
    """Tokens of session ids, numbered in the order in which they first occur."""
    tokens = dict.fromkeys(re.findall(r"\bsid:[0-9a-f]+\b", text))
    numbers = {token: f"sid:{number:04x}" for number, token in enumerate(tokens, start=1)}
    return re.sub(r"\bsid:[0-9a-f]+\b", lambda match: numbers[match[0]], text)


if __name__ == "__main__":
    main()
