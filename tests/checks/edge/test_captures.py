"""Checks of what captures show: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import cookie, topology, visits
from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.checks.evidence.shown_cookies import captures, request, shown
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

AFFINITY = {"role": "affinity", "name": "lb"}
PORTS = (shown("a", port=3000), shown("b", port=3001))
STRICT = "--cookie-samesite=strict\n--upstream=static://202\n"
BACK = {"awaited_by_post": ("sid",)}
CASES = [
    case("shown-cookies-differ", FAIL, captures(shown("direct"), shown("proxied", path="/a")), says="path / became /a"),
    case("shown-cookies-differ", PASS, captures(shown("direct"), shown("proxied"))),
    case("shown-cookies-differ", NOT, captures(shown("direct"))),
    case("shown-cookies-differ", NOT, captures(shown("a", **AFFINITY), shown("b", path="/a", **AFFINITY))),
    case("affinity-cookie-domain-differs", FAIL, captures(shown("a", **AFFINITY), shown("b", domain="x", **AFFINITY))),
    case("affinity-cookie-domain-differs", PASS, captures(shown("a", **AFFINITY), shown("b", **AFFINITY))),
    case("affinity-cookie-domain-differs", NOT, captures(shown("a"), shown("b", domain="x"))),
    case("ports-share-cookie-name", FAIL, captures(*PORTS), says="ports 3000, 3001 of h"),
    case("ports-share-cookie-name", PASS, captures(*(shown("a", port=n) for n in (3000, 3001)))),
    case("ports-share-cookie-name", NOT, captures(shown("a", port=80), shown("b", port=443))),
    case("ports-share-cookie-name", NOT, captures(PORTS[0])),
    case("login-cookies-left", FAIL, request("nonce-a", "nonce-b", status=400), says="several of nonce and is refused"),
    case("login-cookies-left", PASS, request("nonce-a", "theme-a", "theme-b")),
    case("login-cookies-left", NOT, captures(shown("a"))),
    case("post-back-withheld", FAIL, visits(cookies=(cookie(name="sid", same_site="lax"),), **BACK), says="withhold sid"),
    case("post-back-withheld", FAIL, visits(cookies=(cookie(name="sid", same_site=""),), **BACK), says="two minutes"),
    case("post-back-withheld", PASS, visits(cookies=(cookie(name="sid", same_site="none"),), **BACK)),
    case("post-back-withheld", NOT, visits()),
    case("strict-cookie-on-way-back", FAIL, configs(STRICT), topology()),
    case("strict-cookie-on-way-back", PASS, configs(STRICT.replace("strict", "lax")), topology()),
    case("strict-cookie-on-way-back", NOT, configs("SESSION_SECRET=x\n"), topology()),
]  # fmt: skip


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
