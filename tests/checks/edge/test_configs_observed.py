"""Checks of configuration against what was observed: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import cookie, visits
from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

LARAVEL = "SESSION_DRIVER=redis\nSESSION_COOKIE=sid\nSESSION_SAME_SITE=lax\n"
TOLD = configs(app1=LARAVEL)
SECURE = configs(app1=f"{LARAVEL}SESSION_SECURE_COOKIE=true\n")
DOMAIN = f"{LARAVEL}SESSION_DOMAIN=.shop.test\n"
NAMED = configs(app1=LARAVEL.replace("=sid", "=shop_session"))
MOVED = "location / {\n  proxy_pass http://app;\n  proxy_cookie_domain shop.test www.shop.test;\n}\n"

CASES = [
    case("configured-session-cookie-differs", PASS, TOLD, visits()),
    case("configured-session-cookie-differs", FAIL, NAMED, visits(), says="configured as shop_session"),
    case("configured-session-cookie-differs", FAIL, SECURE, visits(cookies=(cookie(secure=False),)),
         says="without Secure"),
    case("configured-session-cookie-differs", PASS, SECURE, visits(cookies=(cookie(secure=False),), tls=False)),
    case("configured-session-cookie-differs", FAIL, TOLD, visits(cookies=(cookie(same_site=""),)),
         says="SameSite=not set"),
    case("configured-session-cookie-differs", FAIL, configs(app1=DOMAIN), visits(), says="Domain=not set"),
    case("configured-session-cookie-differs", PASS, configs(app1=DOMAIN, edge=MOVED), visits()),
    case("configured-session-cookie-differs", NOT, configs(app1="SESSION_SECRET=abcdef\n"), visits()),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
