from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.formats.jar import Jar
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.results import Answer, FlowResult, Setting, StepResult
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.node_naming import Namer, named
from sessiondoctor.topology.model import Node, Site, Topology
from sessiondoctor.topology.steps import Extract, Flow
from tests.probes.browser.test_extract import answered

if TYPE_CHECKING:
    from sessiondoctor.evidence.entry.visits import NamedBy

URL = "http://shop.test/"
NODES = (
    Node("app1", url="http://10.0.0.1:3000/", route="r1"),
    Node("app2", url="http://10.0.0.2:3000/", route="r2"),
)
SID = "0123456789ABCDEF0123456789ABCDE"


def answer(*headers: tuple[str, str], sent: str = "", body: str = "", status: int = 200, path: str = "") -> Answer:
    """A response with these headers to a client that sent a cookie."""
    url = URL + path
    response = answered(url, status, headers, body)
    jar = Jar()
    if sent:
        jar.store(read_set_cookie(sent), URL, 0.0)
    settings = tuple(Setting(read_set_cookie(value), url, "", 0.0) for value in response.all("Set-Cookie"))
    return Answer("GET", response, jar.all(), settings, jar.all())


def names(*answers: Answer, nodes: tuple[Node, ...] = NODES, marker: Extract | None = None) -> list[str]:
    """Who answered."""
    return [node for node, _ in _named(answers, nodes, marker)]


def ways(*answers: Answer, nodes: tuple[Node, ...] = NODES, marker: Extract | None = None) -> list[NamedBy]:
    """And how that is known."""
    return [by for _, by in _named(answers, nodes, marker)]


def _named(answers: tuple[Answer, ...], nodes: tuple[Node, ...], marker: Extract | None) -> list[tuple[str, NamedBy]]:
    topology = Topology(Site(URL, flow=Flow(node=marker)), nodes=nodes)
    roles = roles_of((setting for one in answers for setting in one.settings), topology)
    namer = Namer(topology, roles, answers)
    return [namer.name(one) for one in answers]


def test_the_marker_names_the_node() -> None:
    """By its name, its route, its host and port or its host; a text of its own stays."""
    marked = [answer(("X-Node", text)) for text in ("app1", "r2", "10.0.0.1:3000", "10.0.0.2", "new_client", "")]
    how = Extract(header="X-Node")
    assert names(*marked, marker=how) == ["app1", "app2", "app1", "app2", "new_client", ""]
    assert ways(*marked[:1], marker=how) == ["marker"]


def test_a_host_that_two_nodes_share_names_none() -> None:
    """The text itself is kept then."""
    twins = (Node("a", url="http://10.0.0.1:1/"), Node("b", url="http://10.0.0.1:2/"))
    assert names(answer(("X-Node", "10.0.0.1")), nodes=twins, marker=Extract(header="X-Node")) == ["10.0.0.1"]


def test_a_hostile_marker_is_short_and_printable() -> None:
    """It is shown in terminals."""
    (name,) = names(answer(body="node=\x1b[31m" + "x" * 999 + ";"), marker=Extract(regex="node=(.*);"))
    assert len(name) <= 64
    assert name.isprintable()


def test_a_new_affinity_cookie_names_the_node() -> None:
    """And one that was returned and not replaced stands for the same node."""
    new = answer(("Set-Cookie", "SRV=r1"))
    kept = answer(sent="SRV=r1")
    assert names(new, kept) == ["app1", "app1"]
    assert ways(new, kept) == ["affinity-cookie", "affinity-cookie"]


def test_an_affinity_cookie_that_is_replaced_names_the_new_node() -> None:
    """The balancer has moved the client."""
    assert names(answer(("Set-Cookie", "SRV=r2"), sent="SRV=r1"))[0] == "app2"


def test_an_opaque_affinity_cookie_names_none() -> None:
    """Its value tells nothing."""
    assert names(answer(("Set-Cookie", "AWSALB=" + "q9Z" * 20))) == [""]


def test_an_affinity_cookie_names_what_the_topology_does_not_declare() -> None:
    """The server's own name, then."""
    assert names(answer(("Set-Cookie", "SERVERID=s7")), nodes=()) == ["s7"]


def test_the_route_of_a_new_id_names_the_node() -> None:
    """But not that of an id that the client returned: it says where the id was made, not who answered."""
    new = answer(("Set-Cookie", f"JSESSIONID={SID}1.r1"))
    returned = answer(sent=f"JSESSIONID={SID}1.r1")
    replaced = answer(("Set-Cookie", f"JSESSIONID={SID}2.r2"), sent=f"JSESSIONID={SID}1.r1")
    assert names(new, returned, replaced) == ["app1", "", "app2"]
    assert ways(new) == ["route"]


def test_the_marker_comes_before_a_route() -> None:
    """A route may be wrong."""
    one = answer(("Set-Cookie", f"JSESSIONID={SID}1.r1"), ("X-Node", "app2"))
    assert names(one, marker=Extract(header="X-Node")) == ["app2"]


def test_one_node_never_has_two_names() -> None:
    """Where the marker speaks in names of its own, an affinity cookie's names are not mixed in."""
    how = Extract(header="X-Node")
    mixed = answer(("X-Node", "web-a")), answer(("Set-Cookie", "SRV=r1"))
    assert names(*mixed, marker=how) == ["web-a", ""]
    agreed = answer(("X-Node", "app2")), answer(("Set-Cookie", "SRV=r1"))
    assert names(*agreed, marker=how) == ["app2", "app1"]


def test_a_header_with_declared_names_needs_no_marker() -> None:
    """Every value of it must be a node's."""
    served = [answer(("X-Served-By", text)) for text in ("r1", "10.0.0.2:3000")]
    assert names(*served) == ["app1", "app2"]
    assert names(*served, answer(("X-Served-By", "cache-7"))) == ["", "", ""]


def test_telling_headers_tell_groups_apart() -> None:
    """As letters, in order of appearance; a coarser header agrees, and numbers of requests are no names."""
    versions = {"10": "1.2", "11": "1.2", "12": "1.3"}
    answers = [
        answer(("X-Backend-Server", name), ("X-Version", versions[name]), ("X-Request-Id", str(number)))
        for number, name in enumerate(["11", "10", "12"] * 3)
    ]
    assert "".join(names(*answers)) == "ABCABCABC"
    assert set(ways(*answers)) == {"headers"}


def test_headers_that_cut_across_each_other_name_nobody() -> None:
    """One of them means something else."""
    answers = [answer(("X-Backend", str(n % 2)), ("X-Pod", str(n % 3))) for n in range(12)]
    assert set(names(*answers)) == {""}


def test_a_header_that_the_request_decides_names_nobody() -> None:
    """The same request always gets the same value."""
    answers = [answer(("X-App", path), path=path) for path in ("a", "b") * 4]
    assert set(names(*answers)) == {""}


def test_few_or_single_values_name_nobody() -> None:
    """One odd answer may be chance, and so may five."""
    assert set(names(*(answer(("X-Pod", "ab"[n == 3])) for n in range(8)))) == {""}
    assert set(names(*(answer(("X-Pod", "ab"[n % 2])) for n in range(4)))) == {""}


def test_an_error_page_is_nobodys() -> None:
    """It is often the balancer's own."""
    answers = [answer(("Server", "AB"[n % 2])) for n in range(8)]
    assert names(*answers, answer(("Server", "A"), status=502))[-1] == ""


def test_one_turn_can_be_named_alone() -> None:
    """For probes that make a single session."""
    topology = Topology(Site(URL, flow=Flow(node=Extract(header="X-Node"))), nodes=NODES)
    turn = FlowResult((StepResult(ok=True, answers=(answer(("X-Node", "r2")),)),))
    assert named(topology, (), turn) == ("app2", "marker")
    assert named(topology, (), FlowResult((StepResult(ok=False),))) == ("", "")


def test_a_digest_of_a_server_is_named_by_its_first_digits() -> None:
    """As Caddy and Traefik put it into their cookies: told apart, and nothing that somebody could send."""
    digests = ["72a2e78241ee6a2454477f41b3ac795f3fde8dcf050995fb6d1972a0a0cafb80", "a0b017e263721bc7"]
    given = [answer(("Set-Cookie", f"lb={digest}; Path=/")) for digest in digests]
    assert names(*given, nodes=()) == ["72a2e782", "a0b017e2"]
    known = (Node("app1", route=digests[0]),)
    assert names(*given, nodes=known) == ["app1", "a0b017e2"]
