from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Undeclared
from sessiondoctor.evidence.entry.visits import Exchange
from sessiondoctor.probes.contract import Probe
from sessiondoctor.probes.nodes.replay import plan
from sessiondoctor.topology.model import bare
from tests.fakes.cluster import FLOW, UNNAMED, Call, Cluster, Reply, Shop, sharing, shops, tomcats

if TYPE_CHECKING:
    from sessiondoctor.evidence.nodes.replay import Replay


@dataclass(slots=True)
class Sticky:
    """A balancer that binds each client by a cookie, else takes turns.

    Attributes:
        cookie: its name.
        value: what stands for a node in it.
        follows: it goes by the cookie; a broken one only sets it.
        hides: it takes off what says which node answered.
        rotates: it makes a value up with every response, and knows what each stands for.
    """

    nodes: list[Shop]
    cookie: str = "SRV"
    value: Callable[[str], str] = str
    follows: bool = True
    rotates: bool = False
    hides: bool = False
    issued: dict[str, Shop] = field(default_factory=dict)
    turns: Any = None

    def __call__(self, call: Call) -> Reply:
        """Choose a node and hand its answer back."""
        self.turns = self.turns or itertools.cycle(self.nodes)
        chosen = self.issued.get(call.cookies.get(self.cookie, "")) if self.follows else None
        node = chosen or next(self.turns)
        reply = node(without(call, self.cookie))
        if self.hides:
            reply = replace(reply, headers=tuple(pair for pair in reply.headers if pair[0] != "X-Node"))
        if chosen and not self.rotates:
            return reply
        value = secrets.token_hex(40) if self.rotates else self.value(node.name)
        self.issued[value] = node
        return reply.with_headers(("Set-Cookie", f"{self.cookie}={value}; Path=/"))


@dataclass(slots=True)
class Prefixing:
    """HAProxy's `cookie JSESSIONID prefix`: the node's name goes before the id, and is taken off again."""

    nodes: list[Shop]
    turns: Any = None

    def __call__(self, call: Call) -> Reply:
        """Choose a node and hand its answer back."""
        self.turns = self.turns or itertools.cycle(self.nodes)
        name, _, sid = call.cookies.get("JSESSIONID", "").rpartition("~")
        node = next((node for node in self.nodes if node.name == name), None) or next(self.turns)
        reply = node(replace(call, headers={**call.headers, "cookie": f"JSESSIONID={sid}"}))
        return replace(reply, headers=tuple((key, self._prefixed(key, text, node)) for key, text in reply.headers))

    def _prefixed(self, key: str, text: str, node: Shop) -> str:
        return text.replace("JSESSIONID=", f"JSESSIONID={node.name}~", 1) if key == "Set-Cookie" else text


@dataclass(slots=True)
class Routing:
    """Apache's `stickysession=JSESSIONID`: by what follows the dot, in the first cookie of that name."""

    nodes: list[Shop]
    turns: Any = None

    def __call__(self, call: Call) -> Reply:
        """Choose a node and hand its answer back."""
        self.turns = self.turns or itertools.cycle(self.nodes)
        route = call.cookies.get("JSESSIONID", "").partition(".")[2]
        node = next((node for node in self.nodes if node.route == route), None) or next(self.turns)
        return node(call)


@dataclass(slots=True)
class Tomcat(Shop):
    """It knows an id only with its route, and looks at every cookie of that name."""

    def known(self, call: Call) -> str:
        """The id of the session that the call belongs to; empty without one."""
        pairs = [pair.strip().partition("=") for pair in call.headers.get("cookie", "").split(";")]
        values = [value for name, _, value in pairs if name == "JSESSIONID"]
        return next((value for value in values if value in self.sessions), "")

    def _with_new(self, reply: Reply, call: Call, *items: str) -> Reply:  # noqa: ARG002 - as Shop calls it
        sid = f"{secrets.token_hex(16).upper()}.{self.route}"
        self.sessions[sid] = list(items)
        return reply.with_headers(("Set-Cookie", f"JSESSIONID={sid}; Path=/; HttpOnly"))


def containers(**settings: Any) -> list[Shop]:
    """Two of them."""
    return [Tomcat(f"app{n}", route=f"r{n}", cookie="JSESSIONID", **settings) for n in (1, 2)]


def without(call: Call, name: str) -> Call:
    """The call as a node sees it."""
    kept = "; ".join(f"{key}={value}" for key, value in call.cookies.items() if key and key != name)
    return replace(call, headers={**call.headers, "cookie": kept})


def steered(entry: Any, nodes: list[Shop], *bound_by: str, **settings: Any) -> Cluster:
    """A cluster of which only the entry can be asked."""
    return Cluster(entry, nodes, direct=False, bound_by=bound_by or ("SRV",), **settings)


def rows(replay: Replay) -> list[list[str]]:
    """The states; in every test here the matrix is complete."""
    assert len(replay.cells) == len(replay.nodes) ** 2
    rows: list[list[str]] = replay.matrix()["rows"]
    return rows


DIAGONAL = [["kept", "lost"], ["lost", "kept"]]


def test_nodes_that_share() -> None:
    """Each is reached by its cookie and knows every session."""
    nodes = sharing()
    replay = steered(Sticky(nodes), nodes).replay()
    assert (replay.way, replay.nodes) == ("steered", ("app1", "app2", "app3"))
    assert rows(replay) == [["kept"] * 3] * 3
    assert {(cell.id_fate, cell.back, cell.back_newest) for cell in replay.cells} == {("same", "kept", "kept")}


def test_nodes_that_keep_their_own() -> None:
    """A diagonal, seen twice; the sessions live on at home."""
    nodes = shops(renews=True)
    replay = steered(Sticky(nodes), nodes).replay()
    assert {cell.state for cell in replay.own} == {"kept"}
    assert {(cell.seen, cell.id_fate, cell.back) for cell in replay.other} == {(("lost", "lost"), "renewed", "kept")}


def test_one_outlier() -> None:
    """The node with another secret."""
    nodes = sharing()
    nodes[1].secret = "z"
    assert steered(Sticky(nodes), nodes).replay().outlier == "app2"


def test_a_destructive_miss() -> None:
    """The node that deletes what it cannot verify."""
    nodes = sharing(2)
    nodes[1].secret, nodes[1].destroys = "z", True
    lost = steered(Sticky(nodes), nodes).replay().cell("app1", "app2")
    assert lost
    assert (lost.state, lost.back, lost.back_newest) == ("lost", "lost", "lost")


def test_rotating_cookies_lead_by_the_node_that_answers() -> None:
    """Each response has another value: the marker says who it is."""
    nodes = shops(2)
    balancer = Sticky(nodes, cookie="AWSALB", rotates=True)
    replay = steered(balancer, nodes, "AWSALB").replay()
    assert replay.nodes == ("app1", "app2")
    assert rows(replay) == DIAGONAL


def test_rotating_cookies_of_nodes_that_nobody_names() -> None:
    """Nothing can be said."""
    nodes = shops(2)
    balancer = Sticky(nodes, cookie="AWSALB", rotates=True, hides=True)
    with pytest.raises(Undeclared, match="who answers cannot be seen"):
        steered(balancer, nodes, "AWSALB", flow=UNNAMED).replay()


def test_opaque_cookies_without_names() -> None:
    """Letters stand for what is seen twice; the balancer follows a cookie that it does not set anew."""
    nodes = shops(2)
    balancer = Sticky(nodes, cookie="GCLB", value=lambda name: sha256(name.encode()).hexdigest(), hides=True)
    replay = steered(balancer, nodes, "GCLB", flow=UNNAMED).replay()
    assert replay.nodes == ("A", "B")
    assert rows(replay) == DIAGONAL


def test_cookies_that_name_the_node() -> None:
    """No marker is needed."""
    nodes = sharing(2)
    replay = steered(Sticky(nodes, hides=True), nodes, flow=UNNAMED).replay()
    assert replay.nodes == ("app1", "app2")
    assert rows(replay) == [["kept"] * 2] * 2


def test_a_prefix_is_exchanged() -> None:
    """HAProxy takes it off: the node sees the id as it gave it."""
    own = shops(2, cookie="JSESSIONID")
    assert rows(steered(Prefixing(own), own, "JSESSIONID").replay()) == DIAGONAL
    shared = sharing(2, cookie="JSESSIONID")
    replay = steered(Prefixing(shared), shared, "JSESSIONID").replay()
    assert rows(replay) == [["kept"] * 2] * 2
    assert {visit.session_cookie.route for visit in replay.visits if visit.session_cookie} == {"app1", "app2"}


def test_a_suffix_goes_into_a_cookie_of_its_own() -> None:
    """The id stays as it is for a container that knows it with its route only."""
    own = containers()
    assert rows(steered(Routing(own), own, "JSESSIONID").replay()) == DIAGONAL
    shared = containers(sessions={})
    replay = steered(Routing(shared), shared, "JSESSIONID").replay()
    assert rows(replay) == [["kept"] * 2] * 2
    assert {cell.id_fate for cell in replay.cells} == {"same"}


def test_a_suffix_is_exchanged_where_only_one_cookie_is_read() -> None:
    """What is known then is known; what is not may be due to the other suffix."""
    shared = tomcats(sessions={})
    assert rows(steered(Routing(shared), shared, "JSESSIONID").replay()) == [["kept"] * 2] * 2
    own = tomcats()
    replay = steered(Routing(own), own, "JSESSIONID").replay()
    assert rows(replay) == [["kept", "unknown"], ["unknown", "kept"]]
    assert {"the route in the id was changed" in cell.trouble for cell in replay.other} == {True}


def test_a_balancer_that_ignores_its_cookie() -> None:
    """Nothing is made of it."""
    nodes = sharing()
    with pytest.raises(Undeclared, match="does not follow SRV") as error:
        steered(Sticky(nodes, follows=False), nodes).replay()
    assert "url" in error.value.hint


def test_only_one_node() -> None:
    """There is nobody to compare it with."""
    nodes = sharing(1)
    with pytest.raises(Undeclared, match="only app1 was met"):
        steered(Sticky(nodes), nodes).replay()


def test_no_affinity_no_request() -> None:
    """The visits have seen that already."""
    nodes = sharing(2)
    cluster = Cluster(Sticky(nodes), nodes, direct=False, bound_by=())
    with pytest.raises(Undeclared, match="no cookie"):
        cluster.replay()
    assert not cluster.asked


def test_cookies_of_the_clients_own() -> None:
    """A value for each client stands for no node."""
    nodes = shops(2)
    balancer = Sticky(nodes, cookie="sticky", value=lambda _: secrets.token_hex(5), hides=True)
    with pytest.raises(Undeclared, match="differs with every client"):
        steered(balancer, nodes, "sticky", flow=UNNAMED).replay()


@dataclass(slots=True)
class Fickle(Sticky):
    """It goes by its cookie until a client comes with a session as well."""

    def __call__(self, call: Call) -> Reply:
        """Choose a node and hand its answer back."""
        if "connect.sid" not in call.cookies:
            return Sticky.__call__(self, call)
        return self.nodes[0](without(call, self.cookie))


def test_a_cell_counts_only_if_its_node_answered() -> None:
    """Otherwise it says who did."""
    nodes = sharing(2)
    replay = steered(Fickle(nodes), nodes).replay()
    strayed = replay.cell("app1", "app2")
    assert strayed
    assert (strayed.state, strayed.trouble) == ("unknown", "the balancer sent it to app1")


@dataclass(slots=True)
class Owing(Sticky):
    """It makes up for earlier requests of bound clients: the first new clients all meet the same node."""

    owed: int = 14

    def __call__(self, call: Call) -> Reply:
        """Choose a node and hand its answer back."""
        strange = not call.cookies.get(self.cookie)
        self.owed -= strange
        self.turns = self.turns or itertools.cycle(self.nodes)
        if strange and self.owed > 0:
            self.turns = itertools.cycle(self.nodes)
        return Sticky.__call__(self, call)


def test_a_node_that_the_visits_saw_is_waited_for() -> None:
    """New clients go on coming until it is met."""
    nodes = sharing(2)
    exchange = [Exchange(0.0, name) for name in ("app1", "app2")]
    cluster = steered(Owing(nodes), nodes, flow=FLOW, fresh=tuple(exchange))
    assert cluster.replay().nodes == ("app1", "app2")


@dataclass(slots=True)
class Failing(Sticky):
    """A gateway in trouble wherever there is a session."""

    def __call__(self, call: Call) -> Reply:
        """Choose a node and hand its answer back."""
        return Reply(502, "bad gateway") if "connect.sid" in call.cookies else Sticky.__call__(self, call)


def test_a_gateways_error_is_not_the_nodes() -> None:
    """It says nothing of any node."""
    nodes = sharing(2)
    replay = steered(Failing(nodes), nodes).replay()
    assert {cell.state for cell in replay.cells} == {"unknown"}


@dataclass(slots=True)
class Stripping(Sticky):
    """A proxy that takes the session cookie away."""

    def __call__(self, call: Call) -> Reply:
        """Choose a node and hand its answer back."""
        return Sticky.__call__(self, without(call, "connect.sid"))


def test_a_loss_on_the_way_is_not_one_between_nodes() -> None:
    """Where no node knows its own session, nothing is said of the others."""
    nodes = sharing(2)
    replay = steered(Stripping(nodes), nodes).replay()
    assert {cell.state for cell in replay.own} == {"lost"}
    assert {cell.state for cell in replay.other} == {"unknown"}


def test_without_a_flow_ids_are_followed() -> None:
    """A renewed one is a loss."""
    nodes = shops(2, starts=True)
    replay = steered(Sticky(nodes), nodes, flow=replace(FLOW, write=(), read=())).replay()
    assert not replay.flow
    assert rows(replay) == [["unknown", "lost"], ["lost", "unknown"]]


@pytest.mark.parametrize("count", [2, 4, 6])
def test_never_more_requests_than_planned(count: int) -> None:
    """With as many nodes as are asked and more, everything lost, redirects after each write."""
    nodes = shops(count, renews=True, prg=True)
    cluster = steered(Sticky(nodes), nodes, flow=UNNAMED)
    replay = cluster.replay()
    assert len(replay.nodes) == min(count, 4)
    assert {cell.state for cell in replay.other} == {"lost"}


def test_the_plan_tells_of_the_entry_only() -> None:
    """Also of where it may redirect to."""
    (probe,) = plan(bare("https://shop.test/"), Options())
    assert isinstance(probe, Probe)
    assert set(probe.contacts) == {"shop.test:443", "shop.test:80"}
