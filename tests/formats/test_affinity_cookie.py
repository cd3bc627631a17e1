from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.affinity_cookie import (
    AffinityFormat,
    Peer,
    decode_address,
    haproxy_dates,
    ingress_backend,
    ingress_backend_key,
    name_node,
    node_part,
    recognise_affinity,
)

QUICK = settings(max_examples=150, deadline=None)
HEX32 = "8e3ae96b2c1f4c7d9b0a1e5f6d7c8b9a"
CITRIX = "ffffffff3c19594d45525d5f4f58455e445a4a423660"
ENCRYPTED_F5 = "!" + "a" * 79 + "="
ENVOY = "Cg0xMC4wLjAuNTo4MDgw"
INGRESS = f"1732171000.123.45.678901|{HEX32}"
OPAQUE = {
    "ARRAffinity": "azure-app-service",
    "ARRAffinitySameSite": "azure-app-service",
    "ApplicationGatewayAffinity": "azure-app-gateway",
    "ApplicationGatewayAffinityCORS": "azure-app-gateway",
    "ASLBSA": "azure-front-door",
    "ASLBSACORS": "azure-front-door",
    "AWSELB": "aws-clb",
    "AWSELBCORS": "aws-clb",
    "GCLB": "gclb",
    "GCILB": "gclb",
    "__cflb": "cloudflare",
    "heroku-session-affinity": "heroku",
    "__VCAP_ID__": "cloud-foundry",
    "X-Oracle-BMC-LBS-Route": "oci",
    "DO-LB": "digitalocean",
    "X-Mapping-abcd": "zeus",
    "BNI_persistence": "barracuda",
    "barra_counter_session": "barracuda",
    "nlbi_123": "imperva",
    "incap_ses_1_2": "imperva",
    "X-Contour-Session-Affinity": "contour",
    "INGRESSCOOKIE": "ingress-nginx",
}
PEERS = (
    Peer("web1", route="app1", host="10.0.0.5", port=8080, url="http://10.0.0.5:8080"),
    Peer("web2", route="app2", host="10.0.0.6", port=8080, url="http://10.0.0.6:8080"),
)


@pytest.mark.parametrize(("name", "product"), OPAQUE.items())
def test_opaque_cookies_are_known_by_name(name: str, product: str) -> None:
    """They can be compared, no more."""
    assert recognise_affinity(name, "0a1b") == AffinityFormat(product, opaque=True)
    assert name_node(name, "0a1b", PEERS) == ""


@pytest.mark.parametrize("name", ["AWSALB", "AWSALBCORS", "AWSALBTG", "AWSALBTGCORS", "AWSALBAPP-0", "AWSALBAPP-3"])
def test_alb_cookies_rotate(name: str) -> None:
    """A new value with every response says nothing about the node."""
    assert recognise_affinity(name, "x" * 130) == AffinityFormat("aws-alb", opaque=True, rotates=True)


@pytest.mark.parametrize(
    ("name", "value", "product"),
    [
        ("BIGipServershop", "1677787402.36895.0000", "f5"),
        ("persist", "1677787402.36895.0000", "f5"),
        ("NSC_mc_udru", CITRIX, "citrix"),
        ("RIS_Cookie", CITRIX, "citrix"),
        ("SRV", "app1", "haproxy"),
        ("SERVERID", "app1", "haproxy"),
        ("anything", "app1|awD/Y|awD/Y", "haproxy"),
        ("anything", "app1|awD/Y", "haproxy"),
        ("route", HEX32, "nginx"),
        ("ROUTEID", ".app1", "apache"),
        ("lb", "0" * 64, "caddy"),
        ("_1d52e", "df5bd2f9c0180410", "traefik"),
        ("my-sticky-thing", "app1", "unknown"),
        ("my-sticky-thing", "0" * 64, "caddy"),
        ("sticky", ENVOY, "envoy"),
        ("lb", ENVOY, "envoy"),
        ("SERVERID", ENVOY, "envoy"),
        ("lb", ".app1", "apache"),
        ("lb", "app1", "unknown"),
        ("x", base64.b64encode(b"10.0.0.5:8080").decode(), "envoy"),
    ],
)
def test_cookies_that_name_a_node(name: str, value: str, product: str) -> None:
    """By default name, or by a shape that nothing else has."""
    assert recognise_affinity(name, value) == AffinityFormat(product)


@pytest.mark.parametrize(
    ("name", "value", "product"),
    [
        ("SERVERID", f"{HEX32}|1732171000|1732170000", "alibaba"),
        (HEX32, HEX32[::-1], "openshift"),
        ("route2", INGRESS, "ingress-nginx"),
        ("route", INGRESS, "ingress-nginx"),
        ("BIGipServershop", ENCRYPTED_F5, "f5"),
        ("persist", ENCRYPTED_F5, "f5"),
        ("NSC_mc_udru", "encrypted", "citrix"),
    ],
)
def test_cookies_that_only_compare(name: str, value: str, product: str) -> None:
    """A renamed or nameless cookie of a known product, or one that is encrypted."""
    assert recognise_affinity(name, value) == AffinityFormat(product, opaque=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("app1", AffinityFormat("unknown")),
        (".app1", AffinityFormat("apache")),
        ("0" * 64, AffinityFormat("caddy")),
        (HEX32, AffinityFormat("nginx")),
        ("85a427c55b2c4e8f", AffinityFormat("unknown")),
        (f"{HEX32}|{HEX32}", AffinityFormat("ingress-nginx", opaque=True)),
    ],
)
def test_a_declared_cookie_is_one_whatever_its_name(value: str, expected: AffinityFormat) -> None:
    """`load_balancers[].affinity_cookie`; without it the same value says nothing."""
    assert recognise_affinity("stay", value, declared="stay") == expected
    assert recognise_affinity("stay", value, declared="other") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JSESSIONID", HEX32.upper() + ".app1"),
        ("PHPSESSID", HEX32),
        ("theme", "dark"),
        ("", ""),
        ("cart", "3.14.0000"),
        ("NSC_AAAC", HEX32),
        ("NSC_TMAS", HEX32),
        ("AWSELBAuthSessionCookie-0", "x" * 130),
    ],
)
def test_other_cookies_are_not_taken_for_affinity(name: str, value: str) -> None:
    """Least of all a session cookie with a route, even if it is declared."""
    assert recognise_affinity(name, value) is None
    assert name != "JSESSIONID" or recognise_affinity(name, value, declared=name) is None


@pytest.mark.parametrize(
    ("name", "value", "address"),
    [
        ("BIGipServerpool", "1677787402.36895.0000", "10.1.1.100:8080"),
        ("BIGipServerpool", "rd5o00000000000000000000ffffc0000201o80", "192.0.2.1:80"),
        ("BIGipServerpool", "vi20010112000000000000000000000030.20480", "[2001:112::30]:80"),
        ("BIGipServerpool", "rd3o20010112000000000000000000000030o80", "[2001:112::30]:80"),
        ("BIGipServerpool", ENCRYPTED_F5, ""),
        ("BIGipServerpool", "4294967296.36895.0000", ""),
        ("BIGipServerpool", "1677787402.99999.0000", ""),
        ("BIGipServerpool", "rd5o00000000000000000000ffffc0000201o99999", ""),
        ("NSC_mc_udru", CITRIX, "63.17.71.92:80"),
        ("NSC_W.TJUF.443", "ffffffffc3a0f70e45525d5f4f58455e445a4a42378b", "192.168.233.31:443"),
        ("RIS_Cookie", "ffffffff09c20f1245525d5f4f58455e445a4a423660", "10.202.17.3:80"),
        ("other", "ffffffff09c20f12" + "0" * 24 + "3660", ""),
        ("sticky", ENVOY, "10.0.0.5:8080"),
        ("sticky", f'"{ENVOY}"', "10.0.0.5:8080"),
        ("sticky", base64.b64encode(b"\n\x0d10.0.0.5:8080\x10\xe8\x07").decode(), "10.0.0.5:8080"),
        ("sticky", base64.b64encode(b"10.0.0.5:8080").decode(), "10.0.0.5:8080"),
        ("sticky", base64.b64encode(b"[2001:db8::1]:443").decode(), "[2001:db8::1]:443"),
        ("sticky", base64.b64encode(b"10.0.0.5:99999").decode(), ""),
        ("sticky", base64.b64encode(b"\n\xff10.0").decode(), ""),
        ("SRV", "10.0.0.5:8080", ""),
    ],
)
def test_addresses_in_cookies(name: str, value: str, address: str) -> None:
    """F5 in four forms, Citrix, Envoy; ports that cannot be are no address."""
    assert decode_address(name, value) == address


def f5(host: str, port: int) -> str:
    """An F5 cookie for an IPv4 address."""
    number = int.from_bytes(bytes(map(int, host.split("."))), "little")
    return f"{number}.{int.from_bytes(port.to_bytes(2, 'little'), 'big')}.0000"


def caddy(secret: str, dial: str) -> str:
    """Caddy's hashCookie."""
    return hmac.new(secret.encode(), dial.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("name", "value", "node"),
    [
        ("SRV", "app1", "web1"),
        ("SRV", "web2", "web2"),
        ("SRV", "app2|awD/Y|awD/Y", "web2"),
        ("SRV", "app2|awD/Y", "web2"),
        ("SRV", "APP2", ""),
        ("SRV", "app3", ""),
        ("SRV", "", ""),
        ("ROUTEID", ".app2", "web2"),
        ("JSESSIONID", f"{HEX32.upper()}.app1", "web1"),
        ("JSESSIONID", f"app2~{HEX32.upper()}", "web2"),
        ("JSESSIONID", f"{HEX32.upper()}.B.app2", ""),
        ("shopid", "anything.app2", "web2"),
        ("SESSION", base64.b64encode(b"1f0c8b1e-6b0a-4d3a-9a44-7d3c1a1b2c3d.app1").decode(), "web1"),
        ("BIGipServerpool", f5("10.0.0.6", 8080), "web2"),
        ("BIGipServerpool", f5("10.0.0.6", 80), ""),
        ("sticky", ENVOY, "web1"),
        ("route", hashlib.md5(b"10.0.0.6:8080").hexdigest(), "web2"),
        ("_1d52e", hashlib.sha256(b"http://10.0.0.5:8080").hexdigest()[:16], "web1"),
        ("lb", caddy("", "10.0.0.6:8080"), "web2"),
        ("lb", caddy("other", "10.0.0.6:8080"), ""),
        ("AWSALB", "x" * 130, ""),
    ],
)
def test_the_node_a_cookie_points_to(name: str, value: str, node: str) -> None:
    """By route, by name, by address, by digest; empty where nothing fits."""
    assert name_node(name, value, PEERS) == node


@pytest.mark.parametrize(
    ("name", "value", "node"),
    [
        ("SRV", "84246b22e4680c95", "app1"),  # HAProxy 2.6.12, dynamic-cookie-key lab-key
        ("SRV", "346cafdbcf744cc5", "app2"),
        ("SRV", "app1|awFaO|awFaO", "app1"),  # HAProxy 2.6.12, maxidle 30m maxlife 8h
        ("lb", "59ad0cb215332bf6bfa3b149fc358850c4f5d34eb410e45753ec43eabcea07ff", "app1"),  # Caddy 2.6.2
        ("lb", "f5be1dbd071fa4ff78e8c0011bf3c8e5f5ec0567839f893d371805a4d9b292ef", "app2"),
        ("lb", "30d8fa7b11370535ecf0cf5f46a332aa68b384ff27f8032981cdb93513741f64", "app1"),  # secret lab-secret
        ("lb", "8a181b8c32b02e738c9ccd9f37ee3fbd8f107a376173bf41db4fd37295f77099", "app2"),
        ("_8705d", "d68463d6ed12142d", "app1"),  # Traefik 3.7.15
        ("_8705d", "a965a73b98465d62", "app2"),
        ("lb", '"Cg8xMjcuMC4wLjE6MjAwODE="', "app1"),  # Envoy 1.40.0, without and with a time to live
        ("lb", '"Cg8xMjcuMC4wLjE6MjAwODI="', "app2"),
        ("lb", '"Cg8xMjcuMC4wLjE6MjAwODEQkrmF2AY="', "app1"),
        ("lb", '"Cg8xMjcuMC4wLjE6MjAwODIQkbmF2AY="', "app2"),
        ("ROUTEID", ".app1", "app1"),  # Apache httpd 2.4
    ],
)
def test_cookies_of_real_balancers(name: str, value: str, node: str) -> None:
    """As the products set them in front of 127.0.0.1:20081 and :20082; the laboratory asks them again."""
    peers = (Peer("app1", url="http://127.0.0.1:20081/"), Peer("app2", url="http://127.0.0.1:20082/"))
    assert name_node(name, value, peers, secrets=("", "lab-key", "lab-secret")) == node
    assert recognise_affinity(name, value)


@pytest.mark.parametrize(
    ("value", "node"),
    [
        ("0000A2MB4IJozU_VM8IffsMNfdR:clone1", "web1"),  # WebSphere
        ("Zj5hGLTNhRT1JvwPrHGTvfYTBz2pDgnSYQwQhBBnvJQdQ1pV!-1234567890!NONE", "web2"),  # WebLogic
        (f"{HEX32.upper()}-n1.web1", "web1"),  # memcached-session-manager: the memcached, then the Tomcat
        ("node0abcdefghijklmnop.web1", "web1"),  # Jetty
        ("Yk3mV0m2bZ8v1rJt2nR4cQ9xLw7e5sAa.web1", "web1"),  # Undertow
        (f"web1~{HEX32.upper()}.web2", "web1"),  # HAProxy's prefix counts more than the route
    ],
)
def test_session_cookies_that_name_a_node_are_not_for_affinity(value: str, node: str) -> None:
    """A JSESSIONID does both jobs: a client without it has no session."""
    peers = (Peer("web1", route="clone1"), Peer("web2", route="-1234567890"))
    assert name_node("JSESSIONID", value, peers) == node
    assert recognise_affinity("JSESSIONID", value) is None


@pytest.mark.parametrize(
    ("name", "value", "peer", "secrets"),
    [
        # Computed by the products themselves: HAProxy 2.6.12, Caddy 2.6.2; Traefik and nginx by their documentation.
        ("SRV", "85a427c55b2c4e8f", Peer("n", host="127.0.0.1", port=18081), ("MYKEY",)),
        ("SRV", "85a427c55b2c4e8f", Peer("n", url="http://localhost:18081/"), ("", "MYKEY")),
        (
            "lb",
            "ac69e057e8f92fc1813b917474b71d61f19787b6055b6ecc735ac94ea9bebe47",
            Peer("n", host="127.0.0.1", port=18082),
            ("",),
        ),
        ("route", "5958c386bf5e9109ac10d2a628645aea", Peer("n", url="http://127.0.0.1:8080"), ("",)),
        ("route", "5958c386bf5e9109ac10d2a628645aea", Peer("n", url="http://localhost:8080"), ("",)),
        ("_0a1b2", "df5bd2f9c0180410", Peer("n", url="http://10.0.0.1:80"), ("",)),
        ("_0a1b2", "6773b9eb3f0631af", Peer("n", url="http://10.0.0.1/"), ("",)),
        ("_0a1b2", "a3882de487ebf0dc", Peer("n", host="10.0.0.1", port=80), ("",)),
        ("NSC_x", CITRIX, Peer("n", host="63.17.71.92"), ("",)),
        (
            "BIGipServerx",
            "vi20010112000000000000000000000030.20480",
            Peer("n", url="http://[2001:112:0::30]:80/"),
            ("",),
        ),
        ("BIGipServerx", "vi20010112000000000000000000000030.20480", Peer("n", host="[2001:112::30]", port=80), ("",)),
    ],
)
def test_golden_values_point_to_their_node(name: str, value: str, peer: Peer, secrets: tuple[str, ...]) -> None:
    """And to no other node beside it."""
    other = Peer("other", host="127.0.0.1", port=1)
    assert name_node(name, value, (other, peer), secrets=secrets) == "n"
    assert name_node(name, value, (other,), secrets=secrets) == ""


def test_haproxy_dynamic_needs_the_key() -> None:
    """A wrong key names nobody."""
    peer = Peer("n", host="127.0.0.1", port=18081)
    assert name_node("SRV", "85a427c55b2c4e8f", (peer,), secrets=("wrong",)) == ""


def test_two_nodes_that_fit_are_no_answer() -> None:
    """A route given twice; a name never overrules it."""
    twins = (Peer("web1", route="app"), Peer("web2", route="app"), Peer("app", route="x"))
    assert name_node("SRV", "app", twins) == ""


def test_a_route_counts_more_than_a_name() -> None:
    """Routes are what balancers write."""
    crossed = (Peer("a", route="b"), Peer("b", route="a"))
    assert name_node("SRV", "a", crossed) == "b"


@pytest.mark.parametrize(
    ("value", "dates"),
    [
        ("app1|awD/Y|awD/Y", (1795227488.0, 1795227488.0)),
        ("app1|awD/Z|awD/Y", (1795227492.0, 1795227488.0)),
        ("app1|awD/Y", (1795227488.0, 1795227488.0)),
        ("|AAAAB|AAAAA", (4.0, 0.0)),
        ("app1", None),
        ("app1|awD/", None),
        ("app1|awD/Y|awD/Y|awD/Y", None),
        ("app1|awD=Y", None),
        ("", None),
    ],
)
def test_haproxy_dates(value: str, dates: tuple[float, float] | None) -> None:
    """Last, then first, of the balancer's own clock, in steps of four seconds."""
    assert haproxy_dates(value) == dates


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("SRV", "app1|awD/Y|awD/Y", "app1"),
        ("SERVERID", f"{HEX32}|1732171000|1732170000", HEX32),
        ("sticky", base64.b64encode(b"\n\x0d10.0.0.5:8080\x10\xe8\x07").decode(), "10.0.0.5:8080"),
        ("ROUTEID", ".app1", ".app1"),
        ("lb", "0a" * 32, "0a" * 32),
        ("INGRESSCOOKIE", INGRESS, INGRESS),
    ],
)
def test_what_may_change_while_the_node_stays_is_left_out(name: str, value: str, part: str) -> None:
    """Dates and expiry go; taking the part of a part changes nothing."""
    assert node_part(name, value) == part
    assert node_part(name, part) == part


def test_ingress_nginx_names_the_service() -> None:
    """Not the pod, which a consistent hash chooses."""
    assert ingress_backend_key("default-web-svc-80") == "65dc0e2afb2e04accbf8080e2e4c74ea"
    assert ingress_backend(INGRESS) == HEX32
    assert ingress_backend("app1") == ""


TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        CITRIX,
        ENVOY,
        INGRESS,
        "1677787402.36895.0000",
        "vi" + "2" * 32 + ".1",
        "rd1o" + "f" * 32 + "o1",
        "app1|awD/Y",
        ".a",
        "a~b",
    ]
)
PEER = st.builds(
    Peer,
    name=st.text(max_size=5),
    route=st.text(max_size=5),
    host=st.text(max_size=8) | st.sampled_from(["10.0.0.1", "[::1]", "::1%eth0", "localhost"]),
    port=st.integers(-1, 70_000),
    url=st.text(max_size=12) | st.sampled_from(["http://[::1", "http://h:99999", "http://10.0.0.1"]),
)


@QUICK
@given(name=st.text(max_size=10), value=TEXTS | st.tuples(TEXTS, TEXTS).map("".join), peers=st.lists(PEER, max_size=3))
def test_nothing_is_an_error(name: str, value: str, peers: list[Peer]) -> None:
    """Any cookie, any peers; a node that is named exists."""
    assert name_node(name, value, peers, secrets=("", "\ud800")) in {"", *(peer.name for peer in peers)}
    found = recognise_affinity(name, value, declared=name)
    assert found is None or found.product
    assert haproxy_dates(value) is None or "|" in value or "%" in value
    assert decode_address(name, value) == "" or decode_address(name, value).rpartition(":")[2].isdigit()
    assert isinstance(ingress_backend(value), str)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("value", ["|" * 60_000, "a.b" * 20_000, "f" * 60_000, "1." * 30_000, "A" * 60_000])
def test_long_values_take_no_longer_than_their_length(value: str) -> None:
    """No pattern goes back and forth over its input."""
    assert recognise_affinity("x", value, declared="x") is not None
    assert recognise_affinity(value, value) is None
    assert name_node("x", value, PEERS) == ""
