from __future__ import annotations

import pytest

from sessiondoctor.probes.browser.cookie_names import readdressed, without_address

JUPYTER = "username-127-0-0-1-8888"


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        (JUPYTER, "username-*"),
        ("sid_127_0_0_1_8888_x", "sid_*_x"),
        ("sid", "sid"),
        ("sid-127-0-0-1-88881", "sid-127-0-0-1-88881"),
        ("p8888", "p8888"),
    ],
)
def test_the_address_in_a_name(name: str, bare: str) -> None:
    """Both host and port, or nothing."""
    assert without_address(name, "127.0.0.1", 8888) == bare


def test_the_name_at_another_address() -> None:
    """As that server would write it, in the same form."""
    assert readdressed(JUPYTER, "127.0.0.1", 8888, ("shop.test", 443)) == "username-shop-test-443"
    assert readdressed("sid", "127.0.0.1", 8888, ("shop.test", 443)) == "sid"
