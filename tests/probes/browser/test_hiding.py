from __future__ import annotations

import pytest

from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.hiding import hide_value
from sessiondoctor.redact import Redactor

TOMCAT = "5A1B0C9F6E2D43218765ABCDEF012345.app1"
SID = "s%3AqX7bPz0kD4mT.w0eR1uT2yU3iO4p"


@pytest.mark.parametrize("header", ["SRV=app-server-1", "stack=express", "MYLB=app1", "lang=english", ".AUTH=chunks-2"])
def test_words_that_the_report_needs_are_not_scrubbed(header: str) -> None:
    """A node's name in a balancer's cookie must not blank the node's name everywhere."""
    redactor = Redactor(frozenset({"app1"}))
    hide_value(read_set_cookie(header), redactor)
    word = header.partition("=")[2]
    assert redactor.scrub(f"it is {word}") == f"it is {word}"


@pytest.mark.parametrize(
    "header", [f"connect.sid={SID}", "XSRF-TOKEN=a1b2c3d4e5", "uid=42-77-19-03", f"JSESSIONID={TOMCAT}"]
)
def test_every_other_value_is_scrubbed(header: str) -> None:
    """As it came."""
    redactor = Redactor()
    hide_value(read_set_cookie(header), redactor)
    value = header.partition("=")[2]
    assert value not in redactor.scrub(f"it is {value}")
