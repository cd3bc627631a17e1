from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.build import cookie, fresh, replay, steered, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from sessiondoctor.evidence.entry.visits import Trace
    from tests.checks.conftest import Judge

LOST = trace("app1 app1 app1", "kll")
RAW = trace("app1 app1 app1", "kkk")
NO_COOKIE = {"cookies": ()}


def session(**changes: object) -> object:
    """Visits whose session cookie is changed."""
    return visits(cookies=(cookie(**changes),))


OTHER_NAME = visits(trace("app1 app1", "kk", set_cookies=("sid",)), trace("app2 app2", "ll", set_cookies=("sid2",)))
SET_BY_APP1 = visits(trace("app1 app1", "kk", set_cookies=("sid",)), trace("app2 app2", "ll"))


def holding(*counts: int) -> Trace:
    """A client that held so many cookies after each of its visits."""
    seen = trace(" ".join(["app1"] * len(counts)), "k" * len(counts))
    return replace(seen, exchanges=tuple(replace(one, held=n) for one, n in zip(seen.exchanges, counts, strict=True)))


BARE_VISIT = {"cookies": (), "cookies_if_http": (), "cookies_if_https": ()}

CASES = [
    case("cookies-grow", FAIL, visits(holding(2, 3, 4, 5)), says="2 cookies after its first visit and 5 after 4 visits"),
    case("cookies-grow", PASS, visits(holding(2, 3, 3, 3))),
    case("cookies-grow", UNSURE, visits(holding(2, 3))),
    case("redirect-loses-port", FAIL, visits(redirected_to=("https://shop.test:8443",)), topology(), says="at 8443"),
    case("redirect-loses-port", FAIL, visits(redirected_to=("http://shop.test",)), topology(), says="to http at 80"),
    case("redirect-loses-port", PASS, visits(redirected_to=("https://shop.test",)), topology()),
    case("redirect-loses-port", PASS, visits(redirected_to=("https://www.shop.test:8443",)), topology()),
    case("redirect-loses-port", NOT, visits(), topology()),

    case("browser-loses-session", FAIL, visits(LOST, raw=RAW)),
    case("browser-loses-session", PASS, visits(LOST, raw=LOST)),
    case("browser-loses-session", NOT, visits()),
    case("cookie-domain-foreign", FAIL, session(domain="x.test", refused="Domain does not cover the host"), says="x.test"),
    case("cookie-domain-foreign", PASS, session(domain="shop.test")),
    case("cookie-domain-foreign", NOT, visits(**NO_COOKIE)),
    case("cookie-path-narrow", FAIL, session(withheld="Path=/app does not match /cart"), says="Path=/app"),
    case("cookie-path-narrow", PASS, session()),
    case("cookie-path-narrow", NOT, visits(**NO_COOKIE)),
    case("samesite-none-insecure", FAIL, session(same_site="none", secure=False)),
    case("samesite-none-insecure", PASS, session(same_site="none")),
    case("samesite-none-insecure", NOT, visits(**NO_COOKIE)),
    case("cookie-secure-over-http", FAIL, visits(tls=False)),
    case("cookie-secure-over-http", PASS, visits()),
    case("cookie-secure-over-http", NOT, visits(**NO_COOKIE)),
    case("cookie-oversized", FAIL, session(size=4097), says="4097"),
    case("cookie-oversized", PASS, session(size=4096)),
    case("cookie-oversized", NOT, visits(**NO_COOKIE)),
    case("no-session-cookie", FAIL, visits(LOST, **NO_COOKIE)),
    case("no-session-cookie", PASS, visits(LOST)),
    case("no-session-cookie", UNSURE, visits(LOST, flow=False, **NO_COOKIE), says="site.flow"),
    case("no-session-cookie", UNSURE, visits(trace("app1 app2 app1", "klk"), **NO_COOKIE), says="something else"),
    case("no-session-cookie", UNSURE, visits(RAW, **NO_COOKIE), says="site.session_cookie"),
    case("secure-cookie-kept-back", FAIL, visits(LOST, **NO_COOKIE), topology(), says="https"),
    case("secure-cookie-kept-back", PASS, visits(LOST, tls=False, **NO_COOKIE), topology(), says="plain HTTP"),
    case("secure-cookie-kept-back", PASS, visits(LOST, stack="flask", **NO_COOKIE), topology(), says="Flask"),
    case("secure-cookie-kept-back", NOT, visits(LOST), topology()),
    case("cookie-set-by-some-nodes", FAIL, visits(), replay(visit={"app3": NO_COOKIE}), says="app3 sets no session cookie"),
    case("cookie-set-by-some-nodes", FAIL, SET_BY_APP1, says="app2 sets no session cookie; app1 does"),
    case("cookie-set-by-some-nodes", PASS, visits(), replay()),
    case("cookie-set-by-some-nodes", UNSURE, visits(trace("app1 app2", "kk", set_cookies=("sid",)))),
    case("cookie-set-by-some-nodes", PASS, OTHER_NAME),
    case("cookie-set-by-some-nodes", NOT, visits(trace("app1 app1", "ll"), **NO_COOKIE)),
    case("cookie-set-by-some-nodes", NOT, visits(flow=False), replay(), says="site.flow"),
    case("cookie-needs-forwarded-proto", PASS,
         replay(visit={"app1": {"cookies_if_http": (), "cookies_if_https": ("sid",)}}), visits(), says="says https"),
    case("cookie-needs-forwarded-proto", FAIL,
         replay(visit={"app1": {"cookies_if_http": (), "cookies_if_https": ("sid",)}}), says="only with"),
    case("cookie-needs-forwarded-proto", FAIL,
         replay("lll lll lll", visit={"app1": BARE_VISIT}), says="whatever"),
    case("cookie-needs-forwarded-proto", PASS, replay(visit={"app1": BARE_VISIT}), says="something else than a cookie"),
    case("cookie-needs-forwarded-proto", UNSURE, replace(replay(visit={"app1": BARE_VISIT}), flow=False),
         says="may simply need none"),
    case("cookie-needs-forwarded-proto", PASS,
         replay(visit={"app1": {"cookies_if_http": ("sid",), "cookies_if_https": ("sid",)}})),
    # A server error explains why there is no cookie.
    case("cookie-needs-forwarded-proto", UNSURE,
         replay(visit={"app1": {"cookies": (), "status": 500, "cookies_if_http": (), "cookies_if_https": ()}}),
         says="answered 500"),
    case("cookie-needs-forwarded-proto", NOT, replay()),
    case("cookie-needs-forwarded-proto", NOT, steered(), says="past the proxies"),
    case("cookie-attributes-rewritten", FAIL, session(path="/x"), replay(), says="path"),
    case("cookie-attributes-rewritten", FAIL, visits(**NO_COOKIE), replay(), says="the site does not pass it on"),
    case("cookie-attributes-rewritten", UNSURE, visits(trace("app1", "?", status=502), **NO_COOKIE), replay()),
    case("cookie-attributes-rewritten", NOT, visits(**NO_COOKIE), steered()),
    case("cookie-attributes-rewritten", PASS, session(secure=False), replay()),
    case("cookie-attributes-rewritten", UNSURE, visits(), replay(visit=dict.fromkeys(("app1", "app2", "app3"), NO_COOKIE))),
    case("session-shared-by-strangers", FAIL, visits(leaked=True, fresh=fresh("app1 app2")), says="new client"),
    case("session-shared-by-strangers", FAIL, visits(shared_sessions=2, fresh=fresh("app1 app2")), says="2 clients"),
    case("session-shared-by-strangers", PASS, visits(fresh=fresh("app1 app2"))),
    case("session-shared-by-strangers", UNSURE, visits()),
    case("response-cacheable", FAIL, visits(headers={"age": "7"}), says="shared cache"),
    case("response-cacheable", FAIL, visits(headers={"x-cache": "Hit from edge"})),
    case("response-cacheable", FAIL, visits(headers={"cache-control": "public, max-age=60"})),
    case("response-cacheable", FAIL, visits(cached_reads=3), says="3 requests"),
    case("response-cacheable", PASS, visits(headers={"cache-control": "private, s-maxage=9", "age": "0"})),
    case("response-cacheable", NOT, visits(**NO_COOKIE)),
    case("cookie-flags-missing", FAIL, session(http_only=False, same_site=""), says="HttpOnly, SameSite"),
    case("cookie-flags-missing", PASS, session()),
    case("cookie-flags-missing", PASS, visits(cookies=(cookie(secure=False),), tls=False)),
    case("cookie-flags-missing", NOT, visits(**NO_COOKIE)),
    case("cookie-lifetime-short", FAIL, session(lifetime_s=120.0), topology(), says="120 s"),
    case("cookie-lifetime-short", PASS, session(lifetime_s=1799.0), topology()),
    case("cookie-lifetime-short", PASS, session(), topology()),
    case("cookie-lifetime-short", NOT, session(lifetime_s=120.0), topology(idle=None), says="idle_timeout"),
    case("gateway-error", FAIL, visits(trace("app1", "?", status=502)), replay(), says="app1, app2, app3 answers"),
    case("gateway-error", FAIL, visits(trace("app1", "?", status=502)), steered(), says="a proxy answered 502"),
    case("gateway-error", PASS, visits(), replay()),
    case("response-headers-large", FAIL, replay(visit={"app2": {"header_bytes": 5000}}), says="app2 sends 5000"),
    case("response-headers-large", PASS, replay(visit={"app2": {"header_bytes": 500}})),
    case("response-headers-large", UNSURE, replay()),
    case("redirect-leaves-site", FAIL, visits(redirected_to=("https://app1.internal",)), topology(), says="app1.internal"),
    case("redirect-leaves-site", FAIL, visits(redirected_to=("http://shop.test",)), topology(), says="plain HTTP"),
    case("redirect-leaves-site", PASS, visits(redirected_to=("https://www.shop.test",)), topology()),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_edge(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
