"""The JSON report, schema `sessiondoctor-report/1`: everything, for programs."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessiondoctor.model import Report
    from sessiondoctor.report import Style


def render(report: Report, _style: Style) -> str:
    """ASCII only: control characters and bidi marks stand escaped, as JSON has them."""
    return json.dumps(dataclasses.asdict(report), indent=2, ensure_ascii=True) + "\n"
