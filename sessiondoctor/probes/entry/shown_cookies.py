"""Cookies that somebody pasted: `judge` reads them from captures; a scan has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.entry.shown_cookies import ShownCookies
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.topology.model import Topology


def plan(_topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """Nothing to ask."""
    yield Absent(ShownCookies, "site", "no capture was given", "give captures to `judge`")
