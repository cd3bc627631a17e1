"""Evidence for checks of several URLs of one site."""

from __future__ import annotations

from typing import Any

from sessiondoctor.evidence.entry.entry_points import EntryPoint, EntryPointKind, EntryPoints, EntryPointTest
from tests.checks.build import trace

OTHER = "https://shop.test/account/"


def entry_points(
    home: str = "app1", there: str = "app1 app1", states: str = "kk", kind: EntryPointKind = "url", **changes: Any
) -> EntryPoints:
    """One other URL: who answered at home and there, whether the state was seen there, then at home again."""
    back = changes.pop("back", "k")
    sessions = changes.pop("sessions", "")
    made = trace(home, "k").exchanges[0]
    settings: dict[str, Any] = {
        "there": trace(there, states, sessions).exchanges if there else (),
        "back": trace(" ".join([home] * len(back)), back).exchanges,
        "session_cookies": ("sid",),
    }
    return EntryPoints(
        "https://shop.test/", (EntryPointTest(EntryPoint(kind, OTHER), made, **(settings | changes)),), flow=True
    )


OTHER_SESSION: dict[str, Any] = {"states": "ll", "sessions": "sid:2222 sid:2222", "back": "l"}
