from __future__ import annotations

import pytest

from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.results import Setting
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import Roles, roles_of
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Balancer, Node, Site, Topology
from sessiondoctor.topology.steps import Extract, Flow

URL = "http://shop.test/"
SID = "s%3A" + "a1B2" * 8 + "." + "A" * 43
TOMCAT = "0123456789ABCDEF0123456789ABCDEF.app1"


def setting(header: str, refused: str = "", *, deletes: bool = False) -> Setting:
    """A cookie that a page of the shop set."""
    return Setting(read_set_cookie(header), URL, refused, 1_000_000.0, deletes)


def topology(**site: object) -> Topology:
    """A shop of two nodes behind a balancer with a cookie of its own."""
    nodes = (Node("app1", url="http://10.0.0.1:80/", route="app1"), Node("app2", url="http://10.0.0.2:80/"))
    balancers = (Balancer("edge", affinity_cookie="MYLB"),)
    return Topology(Site(URL, **site), nodes=nodes, load_balancers=balancers)  # type: ignore[arg-type]


def roles(*headers: str, **site: object) -> Roles:
    """What these cookies are for."""
    return roles_of(map(setting, headers), topology(**site))


@pytest.mark.parametrize(
    ("headers", "session"),
    [
        ((f"connect.sid={SID}", "theme=dark"), "connect.sid"),
        (("csrftoken=" + "a" * 32, f"shopsid={SID}"), "shopsid"),
        (("SRV=app1", f"JSESSIONID={TOMCAT}"), "JSESSIONID"),
        (("auth_hint=yes1", f"connect.sid={SID}"), "connect.sid"),
        (("x=q8Zr1mPo0Lk2Vb7Nw; HttpOnly",), "x"),
        (("x=q8Zr1mPo0Lk2Vb7Nw",), ""),
        (("theme=dark; HttpOnly",), ""),
        (("MYLB=q8Zr1mPo0Lk2Vb7Nw; HttpOnly",), ""),
        ((), ""),
    ],
)
def test_the_session_cookie_is_the_likeliest(headers: tuple[str, ...], session: str) -> None:
    """A known form comes first, then a value that nobody can guess."""
    assert roles(*headers).session == session


def test_the_declared_session_cookie_is_the_one() -> None:
    """Whatever else there is, and even before it is seen."""
    assert roles(f"connect.sid={SID}", "cart=1", session_cookie="cart").session == "cart"
    assert roles(session_cookie="cart").session == "cart"


def test_the_declared_stack_decides_between_two() -> None:
    """Of a servlet session and an Express one, the stack's own."""
    both = f"connect.sid={SID}", f"JSESSIONID={TOMCAT}"
    assert roles(*both, stack="tomcat").session == "JSESSIONID"
    assert roles(*both, stack="express").session == "connect.sid"


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("SERVERID=s1", "affinity"),
        ("MYLB=whatever", "affinity"),
        ("anything=app2", "affinity"),
        ("XSRF-TOKEN=abc", "csrf"),
        ("theme=dark", "other"),
    ],
)
def test_other_cookies_have_roles_too(header: str, role: str) -> None:
    """By name, by declaration, or because the value is a node's name."""
    assert roles(header).role_of(header.partition("=")[0]) == role


def test_the_marker_of_the_node_is_no_affinity_cookie() -> None:
    """The application names its node in it; no balancer follows it."""
    marked = Flow(node=Extract(cookie="whoami"))
    assert roles("whoami=app2", flow=marked).role_of("whoami") == "other"


def test_a_deleted_cookie_is_no_session() -> None:
    """A server that clears old cookies has none."""
    gone = setting("connect.sid=; Max-Age=0", deletes=True)
    assert roles_of([gone], topology()).session == ""


def test_evidence_of_a_cookie() -> None:
    """Everything but its value; the token stands for the id without its route."""
    redactor = Redactor()
    reader = Reader(topology(), redactor)
    first = reader.cookie(setting(f"JSESSIONID={TOMCAT}; Path=/app; Secure; HttpOnly; SameSite=Lax"), f"{URL}cart")
    other = reader.cookie(setting(f"JSESSIONID={TOMCAT.replace('app1', 'app2')}"), URL)
    assert first
    assert other
    assert (first.role, first.product, first.route, first.node) == ("session", "tomcat", "app1", "app1")
    assert (first.path, first.secure, first.http_only, first.same_site) == ("/app", True, True, "lax")
    assert first.withheld == "Path=/app does not match /cart"
    assert first.token == other.token
    assert TOMCAT.partition(".")[0] not in repr(first)
    assert TOMCAT.partition(".")[0] not in redactor.scrub(f"a log with {TOMCAT}")


def test_a_cookie_that_is_refused_is_not_withheld() -> None:
    """One reason is enough."""
    seen = Reader(topology(), Redactor()).cookie(
        setting(f"connect.sid={SID}; Secure", "Secure set over plain HTTP"), URL
    )
    assert seen
    assert (seen.refused, seen.withheld) == ("Secure set over plain HTTP", "")


def test_a_cookie_that_is_born_expired_is_withheld() -> None:
    """A clock that is behind makes such cookies; a browser does not return them."""
    seen = Reader(topology(), Redactor()).cookie(setting(f"connect.sid={SID}; Max-Age=0", "expired"), URL)
    assert seen
    assert (seen.refused, seen.withheld) == ("", "expired")


def test_the_first_cookie_of_each_name_counts() -> None:
    """In order of appearance, without deletions."""
    settings = [setting("b=", deletes=True), setting("a=1"), setting("b=2; Path=/x"), setting("a=3; Path=/y")]
    seen = Reader(topology(), Redactor()).first_of_each(settings, URL)
    assert [(cookie.name, cookie.path) for cookie in seen] == [("a", "/"), ("b", "/x")]


@pytest.mark.parametrize(("attributes", "partitioned"), [("; Secure; Partitioned", True), ("; Secure", False)])
def test_a_partitioned_cookie_is_told(attributes: str, *, partitioned: bool) -> None:
    """Frames of other sites have another one."""
    seen = Reader(topology(), Redactor()).cookie(setting(f"connect.sid={SID}{attributes}"), URL)
    assert seen is not None
    assert seen.partitioned is partitioned
