from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.probes.contract import Probe
from sessiondoctor.probes.nodes.matrix import pairs_of
from sessiondoctor.probes.nodes.replay import asked, bounds_of, plan
from sessiondoctor.topology.model import Node, Site, Topology, bare
from sessiondoctor.topology.steps import Extract, Flow, Step
from tests.fakes.cluster import FLOW, Call, Cluster, Reply, RoundRobin, Shop, sharing, shops, tomcats

if TYPE_CHECKING:
    from sessiondoctor.evidence.nodes.replay import Cell, Replay

NO_FLOW = Flow(node=Extract(header="X-Node"))


def asking(nodes: list[Shop], **settings: Any) -> Cluster:
    """A cluster whose nodes are asked directly."""
    return Cluster(RoundRobin(nodes), nodes, **settings)


def states(replay: Replay) -> dict[str, str]:
    """The states of all cells by `made on>read on`."""
    return {f"{cell.created_on}>{cell.read_on}": cell.state for cell in replay.cells}


def cell(replay: Replay, made: str, read: str) -> Cell:
    """One cell."""
    found = replay.cell(made, read)
    assert found
    return found


def test_every_node_knows_shared_sessions() -> None:
    """All cells are kept, ids stay, and nothing needs another round."""
    replay = asking(sharing()).replay()
    assert len(replay.cells) == 9
    assert set(states(replay).values()) == {"kept"}
    assert {one.id_fate for one in replay.cells} == {"same"}
    assert {(one.back, one.back_newest) for one in replay.cells} == {("kept", "kept")}
    assert {one.seen for one in replay.cells} == {("kept",) * 3}
    assert replay.rounds == 3
    assert replay.flow


def test_nobody_knows_what_a_node_keeps_to_itself() -> None:
    """A benign miss: the node that made the session knows it afterwards, with the old cookie."""
    replay = asking(shops(renews=True)).replay()
    assert {one.state for one in replay.own} == {"kept"}
    assert {one.state for one in replay.other} == {"lost"}
    assert {one.id_fate for one in replay.other} == {"renewed"}
    assert {(one.back, one.back_newest) for one in replay.other} == {("kept", "lost")}
    assert {one.seen for one in replay.other} == {("lost",) * 4}
    assert replay.rounds == 4


def test_a_silent_miss_leaves_the_id_alone() -> None:
    """An id that is not replaced proves nothing: the state is gone all the same."""
    replay = asking(shops()).replay()
    assert {(one.state, one.id_fate, one.back_newest) for one in replay.other} == {("lost", "same", "kept")}


def test_a_miss_that_drops_the_cookie() -> None:
    """The client comes back without any."""
    replay = asking(shops(drops=True)).replay()
    assert {(one.id_fate, one.back, one.back_newest) for one in replay.other} == {("dropped", "kept", "lost")}


def test_one_outlier_with_another_secret() -> None:
    """Its row and its column are lost."""
    nodes = sharing()
    nodes[2].secret = "z"
    replay = asking(nodes).replay()
    assert replay.outlier == "app3"
    assert cell(replay, "app1", "app2").state == "kept"


def test_a_destructive_miss() -> None:
    """A node that rejects the cookie deletes the session: it is gone at home too."""
    nodes = sharing(2)
    nodes[1].secret, nodes[1].destroys = "z", True
    lost = cell(asking(nodes).replay(), "app1", "app2")
    assert (lost.state, lost.back, lost.back_newest) == ("lost", "lost", "lost")


class Migrating(Shop):
    """A replicated servlet container: whoever takes a session over writes its own route into the id."""

    def _cart(self, call: Any) -> Any:
        reply = Shop._cart(self, call)
        sid, _, route = call.cookies.get("JSESSIONID", "").partition(".")
        if not sid or route == self.route or sid not in self.sessions:
            return reply
        return reply.with_headers(("Set-Cookie", f"JSESSIONID={sid}.{self.route}; Path=/"))


def test_a_rewritten_route_is_the_same_session() -> None:
    """Another suffix, the same id: success, not loss."""
    sessions: dict[str, list[str]] = {}
    nodes: list[Shop] = [
        Migrating(f"app{n}", sessions, route=f"app{n}", cookie="JSESSIONID", attributes="; Path=/") for n in (1, 2)
    ]
    replay = asking(nodes).replay()
    assert {(one.state, one.id_fate) for one in replay.other} == {("kept", "rewritten")}
    assert {visit.session_cookie.route for visit in replay.visits if visit.session_cookie} == {"app1", "app2"}


def test_a_refused_connection_is_an_observation() -> None:
    """The node is named as refusing, and no cell pretends to know about it."""
    replay = asking(sharing(), dead=frozenset({"app2"})).replay()
    visit = replay.visit("app2")
    assert visit
    assert (visit.refused, visit.trouble) == (True, "")
    assert set(states(replay)) == {"app1>app1", "app3>app3", "app1>app3", "app3>app1"}
    assert set(states(replay).values()) == {"kept"}


def test_a_node_that_fails() -> None:
    """A server error is a cell in error, in the row where it cannot write."""
    nodes = sharing()
    nodes[1].status = 500
    replay = asking(nodes).replay()
    assert {name for name, state in states(replay).items() if state == "error"} == {
        "app2>app2",
        "app1>app2",
        "app2>app1",
        "app2>app3",
        "app3>app2",
    }
    failed = cell(replay, "app1", "app2")
    assert (failed.status, failed.trouble, failed.seen) == (500, "GET /cart: status 500", ("error",) * 4)


def test_nodes_with_their_own_cookie_names() -> None:
    """Each node's session cookie is recognised on its own."""
    nodes = shops(2, renews=True)
    nodes[1].cookie = "other.sid"
    replay = asking(nodes).replay()
    assert [visit.session_cookie.name for visit in replay.visits if visit.session_cookie] == [
        "connect.sid",
        "other.sid",
    ]
    assert {one.state for one in replay.other} == {"lost"}


@dataclass(slots=True)
class NamedByHost(Shop):
    """Its cookie is named after the URL that it was asked at, as WordPress does it."""

    def __call__(self, call: Call) -> Reply:
        """Answer."""
        digest = hashlib.md5(f"http://{call.headers['host']}".encode(), usedforsecurity=False).hexdigest()
        self.cookie = f"wordpress_logged_in_{digest}"
        return Shop.__call__(self, call)


def test_names_made_of_the_address() -> None:
    """Each node is shown a session under its own name; what another node made of that is shown at home in turn."""
    sessions: dict[str, list[str]] = {}
    nodes: list[Shop] = [NamedByHost(f"app{n}", sessions) for n in (1, 2)]
    replay = asking(nodes).replay()
    assert {one.state for one in replay.cells} == {"kept"}
    assert {one.id_fate for one in replay.cells} == {"same"}
    assert {visit.bare_name for visit in replay.visits} == {"wordpress_logged_in_*"}
    assert len({visit.session_cookie.name for visit in replay.visits if visit.session_cookie}) == 2


def test_a_session_dropped_under_another_name() -> None:
    """It is gone in the newest cookies, and known with the old ones, as where names are one."""
    nodes: list[Shop] = [NamedByHost(f"app{n}", drops=True) for n in (1, 2)]
    replay = asking(nodes).replay()
    assert {(one.state, one.id_fate, one.back, one.back_newest) for one in replay.other} == {
        ("lost", "dropped", "kept", "lost")
    }


def test_one_host_for_all_nodes() -> None:
    """Their names are one name then."""
    nodes: list[Shop] = [NamedByHost(f"app{n}") for n in (1, 2)]
    replay = asking(nodes, node={"headers": {"Host": "shop.test"}}).replay()
    assert {visit.bare_name for visit in replay.visits} == {"wordpress_logged_in_*"}
    assert len({visit.session_cookie.name for visit in replay.visits if visit.session_cookie}) == 1


def test_a_cookie_that_needs_the_proxys_word() -> None:
    """The node sets it only if it is told of https."""
    told = asking(sharing(2, needs_https=True)).replay().visits[0]
    assert (told.cookies_if_http, told.cookies_if_https) == ((), ("connect.sid",))
    asked_so = asking(sharing(2, needs_https=True), node={"headers": {"X-Forwarded-Proto": "https"}}).replay()
    assert asked_so.visits[0].cookies_if_http is None
    assert asked_so.visits[0].session
    plain = asking(sharing(2)).replay().visits[0]
    assert (plain.cookies_if_http, plain.cookies_if_https) == (None, None)


def test_what_a_login_needs_of_the_proxy_is_asked_of_the_page_that_it_begins_with() -> None:
    """Twice, as by http and as by https; nobody logs in for it, and a plain site is not asked at all."""
    flow = Flow(login=(Step("/"), Step("/cart", "POST", form={"item": "{marker}"})), logged_in=(Step("/cart"),))
    settings: dict[str, Any] = {"flow": flow, "node": {"headers": {"X-Forwarded-Proto": "https"}}}
    needing: list[Shop] = sharing(2, needs_https=True, starts=True)
    behind_tls = asking(needing, site={"url": "https://shop.test/"}, **settings).replay().visits
    assert {(visit.cookies_if_http, visit.cookies_if_https) for visit in behind_tls} == {((), ("connect.sid",))}
    plain = asking(needing, **settings).replay().visits
    assert {visit.cookies_if_http for visit in plain} == {None}


def test_version_headers_are_kept() -> None:
    """By node; others are not."""
    nodes = sharing(2)
    nodes[1].headers = (("Server", "Jetty/2"), ("X-App-Version", "1.3"), ("X-Request-Id", "77"))
    visit = asking(nodes).replay().visit("app2")
    assert visit
    assert visit.headers == {"server": "Jetty/2", "x-app-version": "1.3"}


def test_only_ids_are_followed_without_a_flow() -> None:
    """A new id is a loss; an id that stays proves nothing."""
    lost = asking(shops(starts=True), flow=NO_FLOW).replay()
    assert not lost.flow
    assert {one.state for one in lost.other} == {"lost"}
    assert {one.state for one in lost.own} == {"unknown"}
    kept = asking(sharing(starts=True), flow=NO_FLOW).replay()
    assert {one.state for one in kept.cells} == {"unknown"}


def test_a_race_is_seen_in_the_second_round() -> None:
    """What was lost once and kept then stays a loss, with both rounds told."""
    nodes = sharing(2)
    late: list[int] = []

    class Lagging(Shop):
        def known(self, call: Any) -> str:
            late.append(1)
            return Shop.known(self, call) if len(late) > 2 else ""

    nodes[1] = Lagging("app2", nodes[0].sessions)
    lagging = cell(asking(nodes).replay(), "app2", "app2")
    assert (lagging.state, lagging.seen[:2]) == ("lost", ("lost", "kept"))


def test_a_node_that_knows_some_sessions_only() -> None:
    """It depends on the session, which the second one shows; a loss that was seen once is a loss."""
    nodes = sharing(2)

    class Choosy(Shop):
        """Every second session of others is on a server that it does not use."""

        def __call__(self, call: Any) -> Any:
            before = set(self.sessions)
            reply = Shop.__call__(self, call)
            own.update(set(self.sessions) - before)
            return reply

        def known(self, call: Any) -> str:
            found = Shop.known(self, call)
            if found and found not in own | guests.keys():
                guests[found] = found if len(guests) % 2 == 0 else ""
            return guests.get(found, found)

    own: set[str] = set()
    guests: dict[str, str] = {}
    nodes[1] = Choosy("app2", nodes[0].sessions)
    replay = asking(nodes).replay()
    assert (cell(replay, "app1", "app2").state, cell(replay, "app1", "app2").differs) == ("lost", True)
    assert cell(replay, "app2", "app1").seen == ("kept",) * replay.rounds


def test_nodes_that_are_meant_to_keep_their_own_are_asked_once_more_at_most() -> None:
    """Where mode is sticky, what the others do not know is no loss."""
    assert asking(sharing(2), site={"mode": "sticky"}).replay().rounds == 1
    assert asking(shops(2), site={"mode": "sticky"}).replay().rounds == 2


def test_a_flow_that_works_on_no_node() -> None:
    """What to declare is said: often the Host header."""
    with pytest.raises(Unavailable, match=r"POST /cart: status 403") as error:
        asking(sharing(writes=False)).replay()
    assert "Host" in error.value.hint


def test_a_missing_page_is_a_loss_only_where_reading_works() -> None:
    """With a wrong path nothing is known; elsewhere 404 means that there is no session."""
    wrong = replace(FLOW, read=(Step("/basket", expect="{marker}"),))
    replay = asking(sharing(2), flow=wrong).replay()
    assert {one.state for one in replay.cells} == {"unknown"}
    assert {one.trouble for one in replay.cells} == {"GET /basket: status 404"}


def test_without_urls_the_balancer_is_asked() -> None:
    """After the visits, and with the entry for itself."""
    (probe,) = plan(bare("http://shop.test/"), Options())
    assert isinstance(probe, Probe)
    assert (probe.needs, probe.holds) == ((Visits,), "shop.test:80")


def test_services_are_not_mixed() -> None:
    """The largest one is asked."""
    nodes = (
        Node("a", url="http://10.0.0.1/", service="shop"),
        Node("b", url="http://10.0.0.2/", service="search"),
        Node("c", url="http://10.0.0.3/", service="shop"),
        Node("d", service="search"),
        Node("e", service="search"),
    )
    assert [node.name for node in asked(Topology(Site("http://s.test/"), nodes=nodes))] == ["a", "c"]


@pytest.mark.parametrize(("count", "pairs"), [(1, 0), (2, 2), (3, 6), (6, 30), (7, 28), (10, 30), (30, 30), (40, 40)])
def test_many_nodes_are_paired_sparsely(count: int, pairs: int) -> None:
    """Every node is as often the one as the other."""
    chosen = pairs_of(count)
    assert len(chosen) == len(set(chosen)) == pairs
    assert all(made != read for made, read in chosen)
    if count > 1:
        assert {made for made, _ in chosen} == {read for _, read in chosen} == set(range(count))


def test_nodes_on_one_address_share_its_plan() -> None:
    """Told apart by Host, they are still one peer."""
    nodes = tuple(Node(name, url="http://10.0.0.1/", headers={"Host": name}) for name in ("a", "b"))
    one = Topology(Site("http://s.test/", flow=FLOW), nodes=nodes[:1])
    two = Topology(Site("http://s.test/", flow=FLOW), nodes=nodes)
    assert bounds_of(two)["10.0.0.1:80"] > 2 * bounds_of(one)["10.0.0.1:80"]


def test_the_plan_may_overlap_with_others() -> None:
    """Direct requests do not move the balancer."""
    (probe,) = plan(Topology(Site("http://s.test/"), nodes=(Node("a", url="http://10.0.0.1/"),)), Options())
    assert isinstance(probe, Probe)
    assert probe.holds == ""


def test_sticky_tomcats_are_a_diagonal() -> None:
    """As mode sticky has it."""
    replay = asking(tomcats(3)).replay()
    assert replay.matrix()["rows"] == [["kept", "lost", "lost"], ["lost", "kept", "lost"], ["lost", "lost", "kept"]]


def anew(_: Call) -> Reply:
    """A login page that makes a new session each time that it is opened."""
    return Reply(
        body="<form>", headers=(("Set-Cookie", f"connect.sid=s%3A{secrets.token_hex(16)}.{'A' * 43}; Path=/"),)
    )


def test_a_page_that_makes_a_new_session_each_time_says_nothing() -> None:
    """Without a flow nobody can tell whether the one before is still known."""
    nodes = shops(2)
    found = asking(nodes, flow=NO_FLOW, instead={node.name: anew for node in nodes}).replay()
    assert set(states(found).values()) == {"unknown"}
    assert {cell.trouble for cell in found.cells} == {
        "every node makes a new session at each request; declare site.flow"
    }


def test_one_node_of_several_that_makes_new_sessions_is_told() -> None:
    """The others show that a page does not."""
    nodes = shops(2, starts=True)
    found = asking(nodes, flow=NO_FLOW, instead={"app2": anew}).replay()
    assert cell(found, "app2", "app2").state == "lost"
