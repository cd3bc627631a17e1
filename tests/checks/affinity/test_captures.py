"""Checks of what captures show, and of pools with one name: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.checks.evidence.shown_cookies import captures, request, shown
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

POOL = """http:
  services:
    shop:
      loadBalancer:
        sticky: {cookie: {name: lb}}
        servers: [{url: "http://shop:3000"}]
"""
STACK = "services:\n  shop:\n    image: shop:1\n    deploy: {replicas: %d}\n"
CASES = [
    case("route-answered-elsewhere", FAIL, request("JSESSIONID", route="web-01", node="web-02"), says="names web-01"),
    case("route-answered-elsewhere", PASS, request("JSESSIONID", route="web-01", node="web-01")),
    case("route-answered-elsewhere", PASS, request("JSESSIONID", route="web-01", node="web-02", renamed=True)),
    case("route-answered-elsewhere", NOT, request("JSESSIONID", route="web-01")),
    case("route-answered-elsewhere", NOT, captures(shown("a"))),
    case("affinity-to-one-name", FAIL, configs(POOL, STACK % 4), says="a name of 4 replicas"),
    case("affinity-to-one-name", PASS, configs(POOL, STACK % 1)),
    case("affinity-to-one-name", NOT, configs(STACK % 4)),
]


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
