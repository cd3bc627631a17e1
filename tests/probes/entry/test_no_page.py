from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.probes.browser.results import FlowResult, StepResult
from sessiondoctor.probes.entry.no_page import why_no_page

if TYPE_CHECKING:
    from sessiondoctor.errors import Trouble


@pytest.mark.parametrize(
    ("network", "obstacle"),
    [
        ("refused", "connection-refused"),
        ("client-certificate", "client-certificate"),
        ("unknown-authority", "unknown-authority"),
        ("certificate", "no-answer"),
        ("proxy", "no-answer"),
        ("timeout", "no-answer"),
    ],
)
def test_what_the_network_says_is_the_obstacle(network: Trouble, obstacle: str) -> None:
    """By its kind, whatever words the text has: an expired certificate is not cured by another authority."""
    text = "shop.test:443: its certificate, which is required, was refused: connection refused"
    landing = FlowResult((StepResult(ok=False, why="unreachable", trouble=text, network=network),))
    found = why_no_page("https://shop.test/", landing)
    assert found
    assert found.obstacle == obstacle
