from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.probes.browser.results import Answer, FlowResult, StepResult
from sessiondoctor.probes.entry.no_page import why_no_page
from tests.probes.browser.test_extract import answered

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


def test_how_the_site_wants_clients_to_log_in() -> None:
    """The first word of each challenge."""
    challenges = (
        ("WWW-Authenticate", "Negotiate"),
        ("WWW-Authenticate", "NTLM"),
        ("www-authenticate", 'Basic realm="x"'),
    )
    refused = answered("https://shop.test/", 401, challenges, "")
    landing = FlowResult((StepResult(ok=True, answers=(Answer("GET", refused, (), (), ()),)),))
    found = why_no_page("https://shop.test/", landing)
    assert found
    assert found.schemes == ("Negotiate", "NTLM", "Basic")
