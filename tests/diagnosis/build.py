"""Small catalogues and findings for tests of the diagnosis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sessiondoctor.api import Fine
from sessiondoctor.catalogue.check_files import Check
from sessiondoctor.catalogue.loader import Cause
from sessiondoctor.diagnosis.observation import Observation
from sessiondoctor.model import Confidence, Finding, Severity, Status
from sessiondoctor.pipeline.judge import Judged

PAGE = """Words.

## Fix
Do it.
### Any stack
1. First.
## Prove the fix
```sh
sessiondoctor check lost -t sessiondoctor.yaml
```
"""


def cause(id_: str, prior: float = 0.01, **changes: Any) -> Cause:
    """A cause; `findings` maps checks to likelihoods."""
    settings: dict[str, Any] = {
        "family": "store",
        "title": f"The title of {id_}",
        "severity": Severity.HIGH,
        "role": "fault",
        "modes": (),
        "stacks": frozenset(),
        "stores": frozenset(),
        "symptoms": (),
        "findings": {},
        "explains": (),
        "page": PAGE,
        "path": Path(),
    }
    return Cause(id=id_, prior=prior, **(settings | changes))


def check(id_: str, role: Any = "loss", **changes: Any) -> Check:
    """A check that needs nothing."""
    settings: dict[str, Any] = {
        "family": "store",
        "title": f"The title of {id_}",
        "doc": "",
        "severity": Severity.HIGH,
        "false_alarm": 0.001,
        "survival": False,
        "needs": (),
        "judge": lambda: iter([Fine()]),
        "path": Path(),
    }
    return Check(id=id_, role=role, **(settings | changes))


def judged(of: Check, status: Status = Status.FAIL, subject: str = "site", **changes: Any) -> Judged:
    """A finding of a check."""
    finding = Finding(
        of.id, of.family, status, of.severity, Confidence.FIRM, subject, f"{of.id} {status}", reason="why"
    )
    return Judged(of, finding, **changes)


def observation(check_id: str, *, failed: bool = True, alarm: float = 0.001, power: float = 1.0) -> Observation:
    """One observation of a loss."""
    return Observation(check_id, failed, alarm, power, loss=True)
