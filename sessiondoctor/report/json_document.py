"""The JSON report, schema `sessiondoctor-report/1`: everything, for programs."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sessiondoctor.model import Report
    from sessiondoctor.report import Style


def render(report: Report, _style: Style) -> str:
    """ASCII only: control characters and bidi marks stand escaped, as JSON has them."""
    document = dataclasses.asdict(report)
    document["requests"] = [_short(client) for client in document["requests"]]
    if not document["requests"]:
        del document["requests"]  # as in a report of a version that had none
    for part in (
        *document["advice"],
        *(line for d in document["diagnosis"] for line in (*d["because"], *d["against"])),
    ):
        if not part["at"]:
            del part["at"]  # most findings rest on no file
    for name in ("logs", "clocks", "parts", "accepted", "site", "limits"):
        if not document[name]:
            del document[name]
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _short(client: dict[str, Any]) -> dict[str, Any]:
    """A client whose requests leave out what says nothing."""
    told = [{name: value for name, value in request.items() if value} for request in client["requests"]]
    return client | {"requests": told}
