"""Evidence for checks of sessions in a header."""

from __future__ import annotations

HEADER = {"carrier": "header", "cookies": ()}
