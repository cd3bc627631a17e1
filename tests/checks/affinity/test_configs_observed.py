"""Checks of configuration against what was observed: family affinity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.build import balancer, cookie, visits
from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

SET = configs(
    edge="backend app\n  cookie SRV insert secure httponly maxlife 1h\n  server app1 10.0.0.1:80 cookie one\n"
)
SRV = cookie("affinity", lifetime_s=3600.0)
LIVING = configs(
    edge="upstream app {\n  sticky cookie SRV expires=1h;\n  server 10.0.0.1:80;\n  server 10.0.0.2:80;\n}\n"
)
IN_VALUE = replace(SRV, lifetime_s=None)  # HAProxy writes the dates of maxidle and maxlife into the cookie's value
PREFIXED = configs(
    edge="backend app\n  cookie JSESSIONID prefix\n  server app1 10.0.0.1:80 cookie one\n  server app2 10.0.0.2:80 cookie two\n"
)
SHOWN = balancer()
FILE = configs(edge="backend app\n" + "".join(f"  server {one.name} {one.address}\n" for one in SHOWN.servers))
NEWER = configs(edge="backend app\n  server app1 10.0.0.1:80\n  server app9 10.0.0.9:80\n")
OTHER = replace(SHOWN, servers=tuple(replace(one, pool="elsewhere") for one in SHOWN.servers))

CASES = [
    case("configured-cookie-attributes-differ", PASS, SET, visits(cookies=(SRV,))),
    case("configured-cookie-attributes-differ", FAIL, SET, visits(cookies=(replace(SRV, secure=False),)),
         says="without Secure"),
    case("configured-cookie-attributes-differ", FAIL, SET, visits(cookies=(replace(SRV, http_only=False),)),
         says="without HttpOnly"),
    case("configured-cookie-attributes-differ", FAIL, LIVING, visits(cookies=(replace(SRV, lifetime_s=60.0),)),
         says="for 60 s"),
    case("configured-cookie-attributes-differ", FAIL, LIVING, visits(cookies=(IN_VALUE,)),
         says="until the browser is closed"),
    case("configured-cookie-attributes-differ", PASS, SET, visits(cookies=(IN_VALUE,))),
    case("configured-cookie-attributes-differ", NOT, SET, visits()),
    case("configured-route-not-issued", PASS, PREFIXED, visits(cookies=(cookie(route="one"),))),
    case("configured-route-not-issued", FAIL, PREFIXED, visits(cookies=(cookie(route="app1"),)), says="one, two"),
    case("configured-route-not-issued", NOT, PREFIXED, visits()),
    case("configured-route-not-issued", NOT, SET, visits(cookies=(cookie(route="app1"),))),
    case("configured-servers-differ", PASS, FILE, SHOWN),
    case("configured-servers-differ", FAIL, NEWER, SHOWN, says="app9"),
    case("configured-servers-differ", NOT, FILE, OTHER),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
