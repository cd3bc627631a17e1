from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field, replace
from itertools import count, cycle
from typing import Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.evidence.flows.rehearsal import Rehearsal, RehearsedStep, Run
from sessiondoctor.probes.contract import Probe
from sessiondoctor.probes.entry.visit_sizes import sizes_of
from sessiondoctor.probes.entry.visits import plan
from sessiondoctor.topology.model import Site, Store, Topology, bare
from sessiondoctor.topology.steps import Extract, Flow, Step
from tests.fakes.cluster import (
    FLOW,
    READ,
    UNNAMED,
    WRITE,
    Call,
    Cluster,
    Reply,
    RoundRobin,
    Shop,
    sharing,
    shops,
    tomcats,
)

NO_FLOW = Flow(node=Extract(header="X-Node"))


def planned(topology: Topology, options: Options | None = None) -> Probe:
    """The one probe."""
    (probe,) = plan(topology, options or Options())
    assert isinstance(probe, Probe)
    return probe


def behind(nodes: list[Shop], **settings: Any) -> Cluster:
    """The nodes behind a balancer that takes turns."""
    cluster = {key: settings.pop(key) for key in ("flow", "site", "topology") if key in settings}
    return Cluster(RoundRobin(nodes, **settings), nodes, **cluster)


def without_name(reply: Reply) -> Reply:
    """The reply of a node that does not say which it is."""
    return replace(reply, headers=tuple(pair for pair in reply.headers if pair[0] != "X-Node"))


def test_state_survives_where_nodes_share_it() -> None:
    """Clients move, nothing is lost, and everything is told about the cookie but its value."""
    visits = behind(sharing()).visits()
    assert visits.flow
    assert [len(trace.exchanges) for trace in visits.returning] == [8, *[2] * 11]
    assert {trace.moved for trace in visits.returning} == {True, False}
    assert not any(trace.lost for trace in visits.returning)
    assert {exchange.state for trace in visits.returning for exchange in trace.exchanges} == {"kept"}
    assert {exchange.named_by for trace in visits.returning for exchange in trace.exchanges} == {"marker"}
    assert visits.nodes == ("app1", "app2", "app3")
    cookie = visits.session_cookie
    assert cookie
    assert (cookie.name, cookie.product, cookie.signed, cookie.http_only) == (
        "connect.sid",
        "express-session",
        True,
        True,
    )
    assert (visits.stack, visits.raw, visits.leaked, visits.shared_sessions) == ("express", None, False, 0)
    assert len(visits.fresh) == len({exchange.session for exchange in visits.fresh}) == 2


def test_who_is_not_told_apart_comes_back_to_the_end() -> None:
    """Without the names of nodes nothing is decided, and every planned visit is made."""
    balancer = RoundRobin(nodes := sharing())

    def nameless(call: Call) -> Reply:
        return without_name(balancer(call))

    visits = Cluster(nameless, nodes, flow=UNNAMED).visits()
    assert visits.nodes == ()
    assert [len(trace.exchanges) for trace in visits.returning] == [8, *[2] * 11]
    assert set(visits.odds.values()) == {0.25}


def test_clients_come_back_until_it_is_decided() -> None:
    """Two nodes, a cookie: eleven stays leave a doubt that the next ones clear."""
    visits = behind(shops(2), affinity="SRV").visits()
    first, *others = [len(trace.exchanges) for trace in visits.returning]
    assert first == 8
    assert others[0] == others[1] < 6
    assert visits.odds["none"] < 0.001
    assert visits.power > 0.99
    assert (visits.moves, visits.steps, visits.lost) == (0, visits.looked, 0)


def test_whoever_asks_for_many_requests_gets_them() -> None:
    """A balancer that lets go one request in forty: the usual number of visits would miss it."""
    visits = behind(shops(3), affinity="SRV").visits(Options(requests=100))
    assert [len(trace.exchanges) for trace in visits.returning] == list(sizes_of(100).chains)
    assert sum(len(trace.exchanges) for trace in visits.returning) + len(visits.fresh) >= 98
    moving = behind(sharing()).visits(Options(requests=100))
    assert {len(trace.exchanges) for trace in moving.returning[1:]} == {2}


def test_the_rate_of_losses_is_told() -> None:
    """With its interval."""
    visits = behind(tomcats()).visits()
    assert 0 < visits.lost < visits.looked
    assert visits.loss.low < visits.lost / visits.looked < visits.loss.high
    assert str(visits.loss).startswith(f"{visits.lost} of {visits.looked} follow-up requests lost the state (")


def test_state_is_lost_on_other_nodes() -> None:
    """A node that makes a session of its own renews the id; one that does not leaves it alone."""
    renewing = behind(tomcats(renews=True)).visits().returning[0]
    assert [exchange.state for exchange in renewing.exchanges[1:]] == ["lost"] * 7
    pairs = zip(renewing.exchanges, renewing.exchanges[1:], strict=False)
    assert all(after.renewed == (before.node != after.node) for before, after in pairs)
    quiet = behind(tomcats()).visits().returning[0]
    home = quiet.exchanges[0].node
    assert all(exchange.state == ("kept" if exchange.node == home else "lost") for exchange in quiet.exchanges)
    assert {exchange.session for exchange in quiet.exchanges} == {quiet.exchanges[0].session}


def test_the_same_node_answers_where_a_cookie_binds() -> None:
    """The balancer's cookie is told from the session's, and some clients withhold it."""
    visits = behind(shops(), affinity="SRV").visits()
    assert all(len(set(trace.nodes)) == 1 and not trace.lost for trace in visits.returning)
    assert (visits.affinity_cookies, visits.fresh_with_affinity) == (("SRV",), 14)
    assert {cookie.node for cookie in visits.cookies if cookie.role == "affinity"} <= set(visits.nodes)
    assert len(visits.without_affinity) == 2
    assert all(trace.lost and trace.moved for trace in visits.without_affinity)
    assert "SRV" in visits.without_affinity[0].exchanges[2].set_cookies


def test_a_route_binds_and_is_no_cookie_of_its_own() -> None:
    """JSESSIONID does both jobs."""
    visits = behind(tomcats(), follows_route=True).visits()
    assert not any(trace.moved or trace.lost for trace in visits.returning)
    assert (visits.affinity_cookies, visits.fresh_with_affinity) == (("JSESSIONID",), 14)
    assert visits.without_affinity == ()
    assert visits.session_cookie
    assert visits.session_cookie.route == visits.returning[0].nodes[0]


def test_a_balancer_that_follows_a_route_to_the_wrong_node() -> None:
    """A client that keeps to its first cookies is always sent to one other node."""
    nodes = tomcats()
    swapped = [replace(nodes[0], route="app2"), replace(nodes[1], route="app1")]
    frozen = behind(swapped, follows_route=True).visits().frozen
    assert frozen
    made, *answered = frozen.nodes
    assert set(answered) == {"app1", "app2"} - {made}


def test_no_client_is_frozen_where_nothing_binds() -> None:
    """With a shared store no balancer needs to bind."""
    cluster = behind(sharing(), topology={"stores": (Store("sessions", "redis"),)})
    assert cluster.visits().frozen is None


def test_a_cookie_with_a_narrow_path_is_lost_by_browsers_only() -> None:
    """A client without their rules keeps the state: nothing behind the cookie is to blame."""
    visits = behind(sharing(attributes="; Path=/app")).visits()
    assert all(exchange.state == "lost" for trace in visits.returning for exchange in trace.exchanges[1:])
    assert not any(exchange.renewed for trace in visits.returning for exchange in trace.exchanges)
    assert visits.raw
    assert [exchange.state for exchange in visits.raw.exchanges] == ["kept"] * 4
    assert visits.session_cookie
    assert visits.session_cookie.withheld == "Path=/app does not match /cart"


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ("; Path=/; Secure", "Secure set over plain HTTP"),
        ("; Path=/; SameSite=None", "SameSite=None without Secure"),
        ("; Path=/; Domain=shop.internal", "Domain does not cover the host"),
    ],
)
def test_a_refused_cookie_is_held_by_nobody(attributes: str, reason: str) -> None:
    """Why a browser refuses it is told, and the raw client keeps the state."""
    visits = behind(sharing(attributes=attributes)).visits()
    assert visits.session_cookie
    assert visits.session_cookie.refused == reason
    assert {exchange.session for trace in visits.returning for exchange in trace.exchanges} == {""}
    assert visits.raw
    assert not visits.raw.lost


def test_no_session_cookie_at_all() -> None:
    """Writing worked, reading never: that is a loss, not a flow that is declared wrongly."""
    visits = behind(sharing(needs_https=True)).visits()
    assert visits.session_cookie is None
    assert all(trace.lost for trace in visits.returning)


def test_ids_alone_are_followed_without_a_flow() -> None:
    """Another id for a client that returned one is a loss; the same id proves nothing."""
    lost = behind(shops(starts=True), flow=NO_FLOW).visits()
    assert not lost.flow
    assert {exchange.state for exchange in lost.returning[0].exchanges[1:]} == {"lost"}
    kept = behind(sharing(starts=True), flow=NO_FLOW).visits()
    assert {exchange.state for trace in kept.returning for exchange in trace.exchanges} == {"unknown"}
    assert (kept.leaked, kept.strangers_set) == (None, None)


def test_whether_strangers_are_given_a_session_by_looking() -> None:
    """One shop greets everybody with a session cookie; another gives one only when something is written."""
    nodes = sharing()

    def greeting(call: Call) -> Reply:
        reply = nodes[0](call)
        return reply if call.method == "POST" else reply.with_headers(("Set-Cookie", "connect.sid=s%3Anew.x; Path=/"))

    assert Cluster(greeting, nodes).visits().strangers_set is True
    assert Cluster(nodes[0], nodes).visits().strangers_set is False


def test_sessions_that_a_cache_hands_out_are_shared() -> None:
    """Everybody is given the first visitor's session."""
    first: list[Reply] = []

    def cached(call: Call) -> Reply:
        if call.path == "/":
            first.append(RoundRobin(nodes)(call))
            return first[0].with_headers(("Age", str(len(first) - 1)), ("X-Cache", "HIT"))
        return RoundRobin(nodes)(call)

    nodes = sharing(starts=True)
    visits = Cluster(cached, nodes).visits()
    assert visits.shared_sessions == 2
    assert len({exchange.session for exchange in visits.fresh}) == 1
    assert visits.headers["x-cache"] == "HIT"


def test_one_account_in_one_second_is_one_cookie_and_nobody_is_a_stranger() -> None:
    """As Starlette's sessions: the cookie is made of who and when, alike for whoever logs in at the same time."""
    value = "eyJ1c2VyIjogImRlbW8ifQ==.aw4kpw.XwiVDlfKjG_RidfnWfazEEexruw"

    def signed(call: Call) -> Reply:
        if call.method == "POST":
            return Reply().with_headers(("Set-Cookie", f"session={value}; Path=/"))
        return Reply(body="Hi demo" if call.cookies.get("session") == value else "Log in")

    login, account = Step("/login", "POST", form={"u": "demo"}), Step("/", expect="Hi")
    flow = Flow(login=(login,), logged_in=(account,))
    visits = Cluster(signed, [], flow=flow).visits()
    assert visits.session_cookie
    assert visits.session_cookie.holds_state
    assert visits.looked
    assert visits.shared_sessions == 0


def test_empty_sessions_after_a_loss_are_nobodys() -> None:
    """As Django's signed cookies: each client that a node cannot read is given the same empty session."""
    nodes = cycle("AB")

    def signed_cookies(call: Call) -> Reply:
        node = next(nodes)
        payload, _, signature = call.cookies.get("sessionid", "e30:1xUgH6:").rpartition(":")
        if call.method == "POST":
            payload = f"{base64.urlsafe_b64encode(call.body.encode()).decode().rstrip('=')}:1xUgH6"
        elif signature == node * 43:
            return Reply(body=base64.urlsafe_b64decode(payload.partition(":")[0] + "==").decode())
        elif signature:
            payload = "e30:1xUgH6"
        return Reply().with_headers(("Set-Cookie", f"sessionid={payload}:{node * 43}; Path=/"))

    visits = Cluster(signed_cookies, [], flow=UNNAMED).visits()
    assert visits.session_cookie
    assert visits.session_cookie.holds_state
    assert any(trace.lost for trace in visits.returning)
    assert visits.shared_sessions == 0


def test_pages_of_others_are_a_leak() -> None:
    """A cached cart is shown to a new client, and to clients with other sessions."""
    nodes, pages = sharing(), dict[str, Reply]()

    def cached(call: Call) -> Reply:
        if call.method == "GET":
            hit = call.path in pages
            page = pages.setdefault(call.path, nodes[0](call))
            return page.with_headers(("Age", "3")) if hit else page
        return nodes[0](call)

    visits = Cluster(cached, nodes).visits()
    assert visits.leaked
    assert visits.cached_reads > 10
    assert any(trace.lost for trace in visits.returning)


@dataclass(slots=True)
class TokenApi:
    """A node whose sessions travel in no cookie: POST /cart gives a token out, GET /cart wants it back.

    Attributes:
        carts: by token.
        leaks: everything is shown to whoever has no token.
        asked: the tokens that looks came with.
    """

    carts: dict[str, str] = field(default_factory=dict)
    leaks: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, call: Call) -> Reply:
        """Answer."""
        path = call.path.partition("?")[0]
        if call.method == "POST":
            token = secrets.token_hex(12)
            self.carts[token] = call.body.partition("=")[2]
            return Reply(body=f'{{"token": "{token}"}}', headers=(("Mcp-Session-Id", token),))
        if path == "/":
            return Reply(body="an API")
        token = call.headers.get("authorization", "").removeprefix("Bearer ") or call.path.partition("t=")[2]
        token = token or call.headers.get("mcp-session-id", "")
        self.asked.append(token)
        if token in self.carts:
            return Reply(body=f"tools: {self.carts[token]}")
        return Reply(body=" ".join(self.carts.values()) if self.leaks else "") if not token else Reply(401, "who?")


TOKEN = {"token": Extract(json="/token")}


@pytest.mark.parametrize(
    "read",
    [
        Step("/cart", headers={"Authorization": "Bearer {token}"}, expect="{marker}"),
        Step("/cart", query={"t": "{token}"}, expect="{marker}"),
        Step("/cart", headers={"Mcp-Session-Id": "{token}"}, expect="tools"),
    ],
)
def test_nobody_new_is_given_the_token_of_another_client(read: Step) -> None:
    """So nobody new can ask, and whether there is a leak is not known."""
    app = TokenApi()
    visits = Cluster(app, [], flow=Flow(write=(replace(WRITE, extract=TOKEN),), read=(read,))).visits()
    assert not any(trace.lost for trace in visits.returning)
    assert (visits.leaked, visits.strangers_set, visits.shared_sessions) == (None, None, 0)
    assert "" not in app.asked


@pytest.mark.parametrize("leaks", [True, False])
def test_a_session_header_stays_with_its_client(leaks: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A new client asks without it, and is shown something or not."""
    app = TokenApi(leaks=leaks)
    visits = Cluster(app, [], flow=UNNAMED).visits()
    assert app.asked.count("") == 2
    assert (visits.leaked, visits.shared_sessions) == (leaks, 0)


def test_a_text_that_everybody_may_read_is_no_leak() -> None:
    """It is the same before anybody wrote: it says nothing about who is shown what."""
    nodes = sharing()
    visits = behind(nodes, flow=replace(UNNAMED, read=(Step("/cart", expect="<ul>"),))).visits()
    assert (visits.leaked, visits.strangers_set) == (None, False)


def test_new_clients_who_are_not_answered_show_nothing() -> None:
    """Neither that there is a leak nor that there is none."""
    nodes = sharing()

    def failing(call: Call) -> Reply:
        is_look = call.method == "GET" and call.path == "/cart"
        return Reply(503, "later") if is_look and "cookie" not in call.headers else nodes[0](call)

    assert Cluster(failing, nodes).visits().leaked is None


def test_redirects_are_followed_on_the_host_and_recorded() -> None:
    """A redirect to the inner address is where following ends."""
    nodes = sharing()

    def app(call: Call) -> Reply:
        if call.path == "/":
            return Reply(302, headers=(("Location", "/home;jsessionid=0123456789ABCDEF"),))
        if call.path.startswith("/home"):
            return Reply(302, headers=(("Location", "http://10.1.2.3:8080/inner"),))
        return nodes[0](call)

    cluster = Cluster(app, nodes)
    visits = cluster.visits()
    assert visits.redirected_to[1:] == ("http://10.1.2.3:8080",)
    assert visits.redirected_to[0] == visits.url.removesuffix("/home")
    assert (visits.status, visits.url.endswith("/home")) == (302, True)
    assert not any(trace.lost for trace in visits.returning)


def test_a_write_that_redirects_stays_within_the_plan() -> None:
    """POST, redirect, GET: two requests for each, which the plan has room for, and turns are not mistaken for none."""
    visits = behind(sharing(2, prg=True)).visits()
    assert all(trace.exchanges[0].status == 200 for trace in visits.returning)
    assert not any(trace.lost for trace in visits.returning)


def test_a_login_page_is_a_loss() -> None:
    """Even with status 200 and nothing expected."""
    nodes = shops(2)
    turn = cycle(nodes)

    def app(call: Call) -> Reply:
        node = next(turn)
        if call.path == "/login":
            return Reply(body="who are you?")
        if call.method == "GET" and call.path == "/cart" and not node.known(call):
            return Reply(302, headers=(("Location", "/login"),))
        return node(call)

    visits = Cluster(app, nodes, flow=Flow(write=(WRITE,), read=(Step("/cart"),))).visits()
    assert any(trace.lost for trace in visits.returning)
    assert any(exchange.state == "kept" for trace in visits.returning for exchange in trace.exchanges[1:])


@pytest.mark.parametrize(("status", "state"), [(401, "lost"), (503, "unknown"), (429, "unknown")])
def test_what_a_status_says_about_the_state(status: int, state: str) -> None:
    """Logged out is lost; a server's own trouble tells nothing about the session."""
    nodes = sharing(2)

    def app(call: Call) -> Reply:
        return Reply(status) if call.method == "GET" and call.path == "/cart" else nodes[0](call)

    exchanges = Cluster(app, nodes).visits().returning[0].exchanges[1:]
    assert {exchange.state for exchange in exchanges} == {state}
    assert all(bool(exchange.trouble) == (state == "unknown") for exchange in exchanges)


def test_a_missing_page_is_a_loss_only_where_reading_works() -> None:
    """Some applications answer 404 without a session; where it is always 404 the flow may be wrong."""
    nodes = shops(2)

    def strict(call: Call) -> Reply:
        node = nodes[len(asked) % 2]
        asked.append(1)
        missing = call.method == "GET" and call.path == "/cart" and not node.known(call)
        return Reply(404) if missing else node(call)

    asked: list[int] = []
    states = {exchange.state for trace in Cluster(strict, nodes).visits().returning for exchange in trace.exchanges[1:]}
    assert states == {"kept", "lost"}
    wrong = replace(FLOW, read=(Step("/basket", expect="{marker}"),))
    exchanges = behind(sharing(), flow=wrong).visits().returning[0].exchanges[1:]
    assert {(exchange.state, exchange.trouble) for exchange in exchanges} == {("unknown", "GET /basket: status 404")}


def test_a_flow_that_never_works_is_said_so() -> None:
    """With the step and what to do; nothing is judged by it."""
    wrong = replace(FLOW, write=(Step("/basket", "POST", form={"item": "{marker}"}),))
    with pytest.raises(Unavailable, match=r"POST /basket: status 404") as error:
        behind(sharing(), flow=wrong).visits()
    assert "site.flow" in error.value.hint


def test_a_flow_that_works_on_one_node_is_not_at_fault() -> None:
    """Through the entry it is refused always; the pages before it still show the cookies of the site."""
    page, refused = (Step("/cart"), Step("/basket", "POST"))
    at_site = Run(
        "site",
        (RehearsedStep("write", "GET /cart"), RehearsedStep("write", "POST /basket", trouble="403")),
        works=False,
    )
    rehearsal = Rehearsal(declared=True, runs=(at_site, Run("node", (), works=True, node="app1")))
    cluster = behind(sharing(), flow=replace(FLOW, write=(page, refused)))
    cluster.known[Rehearsal] = rehearsal
    visits = cluster.visits()
    assert not visits.flow
    assert visits.returning
    assert not any(trace.lost for trace in visits.returning)


def test_a_write_that_fails_at_the_server_is_evidence() -> None:
    """A full store answers 500: that is a finding, not a wrong flow."""
    visits = behind(sharing(status=500)).visits()
    assert [exchange.trouble for exchange in visits.returning[0].exchanges] == ["POST /cart: status 500"]
    assert visits.returning[0].exchanges[0].state == "unknown"


def test_a_csrf_token_of_another_node_is_a_loss() -> None:
    """The form came from one node, the next one refuses it: each attempt fails, and that is not the flow's fault."""
    secret = {"app1": "t-one-1", "app2": "t-two-2"}

    def page(node: str, call: Call) -> Reply:
        if call.method == "GET":
            return Reply(body=f'<input name="csrf" value="{secret[node]}">')
        return Reply(200 if secret[node] in call.body else 403)

    turn = cycle(secret)

    def app(call: Call) -> Reply:
        node = next(turn)
        return page(node, call).with_headers(("X-Node", node))

    form = Step("/pay", extract={"csrf": Extract(css="input[name=csrf]")})
    send = Step("/pay", "POST", form={"csrf": "{csrf}"})
    flow = replace(FLOW, write=(form, send))
    traces = Cluster(app, [], flow=flow).visits().returning
    assert [exchange.state for exchange in traces[0].exchanges] == ["unknown", "lost"]
    assert traces[0].moved


def test_early_sessions_are_read_again() -> None:
    """A store that forgets between the first look and the last shows in the rereads alone."""
    nodes = sharing(2)
    asked: list[str] = []

    def app(call: Call) -> Reply:
        asked.append(call.method)
        if len(asked) == 35:
            nodes[0].sessions.clear()
        return nodes[len(asked) % 2](call)

    cluster = Cluster(app, nodes, topology={"stores": (Store("sessions", "redis"),)})
    visits = cluster.visits()
    assert not any(trace.lost for trace in visits.returning)
    assert "lost" in {reread.state for reread in visits.rereads}
    assert {reread.session for reread in visits.rereads} <= {trace.exchanges[0].session for trace in visits.returning}


def test_who_lost_a_session_has_nothing_to_read_again() -> None:
    """It would be lost for a reason that is known."""
    visits = behind(tomcats(renews=True)).visits()
    lost = {trace.exchanges[-1].session for trace in visits.returning if trace.lost}
    assert lost
    assert not lost & {reread.session for reread in visits.rereads}


def test_nodes_are_told_apart_without_a_marker() -> None:
    """By headers that differ; without those nobody is named."""
    nodes = [Shop(f"app{n}", headers=(("Server", f"Jetty/{n}"),)) for n in (1, 2)]
    for node in nodes:
        node.sessions = nodes[0].sessions

    def app(call: Call) -> Reply:
        return without_name(balancer(call))

    balancer = RoundRobin(nodes)
    visits = Cluster(app, nodes, flow=UNNAMED).visits()
    assert visits.nodes == ("A", "B")
    assert {exchange.named_by for exchange in visits.fresh} == {"headers"}


def test_a_site_that_does_not_answer() -> None:
    """Nothing was seen, and why is said as the network says it."""
    cluster = behind(sharing(), site={"url": "http://127.0.0.1:1/"})
    with pytest.raises(Unreachable, match="refused"):
        cluster.visits()


def test_connections_that_break_are_hops_with_trouble() -> None:
    """Others go on; a client that is not answered twice stops."""
    nodes = sharing()

    def app(call: Call) -> Reply:
        if call.method == "GET" and call.path == "/cart":
            raise OSError("the connection breaks")
        return nodes[0](call)

    trace = Cluster(app, nodes).visits().returning[0]
    assert [exchange.state for exchange in trace.exchanges] == ["kept", "unknown", "unknown"]
    assert all("closed the connection" in exchange.trouble for exchange in trace.exchanges[1:])


@pytest.mark.parametrize("requests", [1, 6, 10, 20, 32, 33, 100, 300])
def test_the_number_of_requests_can_be_chosen(requests: int) -> None:
    """They are shared out between returning and fresh clients, never more than asked."""
    sizes = sizes_of(requests)
    total = sum(sizes.chains) + sizes.fresh
    assert total <= max(requests, 6)
    assert total > max(requests, 6) - 3
    assert min(sizes.chains) >= 2


def test_more_requests_are_more_new_clients() -> None:
    """How new clients are spread over the nodes needs more of them (`nodes-unevenly-used`)."""
    usual, many = behind(sharing()).visits(), behind(sharing()).visits(Options(requests=100))
    assert len(usual.firsts) < 20 < len(many.firsts)


def test_fewer_requests_are_sent_if_fewer_are_asked() -> None:
    """And the plan says so beforehand."""
    cluster = behind(sharing())
    cluster.visits(Options(requests=6))
    few = cluster.asked["site"]
    cluster.visits(Options(requests=60))
    assert few < 30 < cluster.asked["site"]


def test_the_plan_holds_the_site() -> None:
    """Other traffic through the balancer would change what is measured; https is an entry point of the same site."""
    probe = planned(bare("http://shop.test/"))
    assert probe.holds == "shop.test:80"
    assert set(probe.contacts) == {"shop.test:80", "shop.test:443"}
    assert set(planned(bare("https://shop.test:8443/")).contacts) == {"shop.test:8443"}
    site = Site("http://shop.test:8080/", urls=("https://shop.test:8443/", "https://other.test/"))
    assert set(planned(Topology(site)).contacts) == {"shop.test:8080", "shop.test:8443"}


def test_the_plan_counts_every_step() -> None:
    """A flow of more steps is planned with more requests."""
    short = planned(Topology(Site("http://shop.test:1/", flow=FLOW)))
    longer = replace(FLOW, write=(Step("/open"), WRITE), read=(READ, READ))
    long = planned(Topology(Site("http://shop.test:1/", flow=longer)))
    assert long.contacts["shop.test:1"] > 1.8 * short.contacts["shop.test:1"]


def test_redirects_at_every_step_end_with_the_budget() -> None:
    """The plan is kept even where each request is redirected five times; what was seen until then remains."""
    nodes = sharing()

    def app(call: Call) -> Reply:
        path, _, count = call.path.partition("?")
        exchanges = int(count or 0)
        if call.method == "GET" and exchanges < 5:
            return Reply(302, headers=(("Location", f"{path}?{exchanges + 1}"),))
        return nodes[0](replace(call, path=path))

    visits = Cluster(app, nodes).visits()
    assert len(visits.returning[0].exchanges) == 8
    assert not visits.returning[0].lost


def test_secrets_of_the_flow_are_scrubbed() -> None:
    """What a page made us extract is not for reports."""
    cluster = behind(sharing())
    token = "tok-9f8e7d6c"
    nodes = cluster.nodes

    def app(call: Call) -> Reply:
        return Reply(body=f"csrf={token};") if call.path == "/form" else nodes[0](call)

    cluster.entry = app
    cluster.flow = replace(FLOW, write=(Step("/form", extract={"csrf": Extract(regex="csrf=([^;]+)")}), WRITE))
    cluster.visits()
    assert token not in cluster.redactor.scrub(f"it is {token}")


def test_a_cookie_that_is_encrypted_anew_each_time_is_no_loss() -> None:
    """Its value says nothing about the session; so do cookies that hold the state itself."""

    def laravel(_: Call) -> Reply:
        text = base64.b64encode(b'{"iv":"' + secrets.token_hex(12).encode() + b'","mac":"","tag":"t"}').decode()
        return Reply(headers=(("Set-Cookie", f"laravel_session={text.rstrip('=')}; Path=/; HttpOnly"),))

    visits = Cluster(laravel, [], flow=Flow()).visits()
    assert visits.stack == "laravel"
    assert {(exchange.state, exchange.renewed) for trace in visits.returning for exchange in trace.exchanges} == {
        ("unknown", False)
    }


def test_the_names_of_nodes_are_not_scrubbed() -> None:
    """A balancer's cookie holds them, and the report needs them."""
    nodes = [Shop("web-server-01"), Shop("web-server-02")]
    cluster = behind(nodes, affinity="SRV")
    cluster.visits()
    assert cluster.redactor.scrub("web-server-01 fails") == "web-server-01 fails"


def test_who_set_the_cookie_is_home_and_not_who_answered_the_redirect() -> None:
    """Two nodes in turn: one takes the state and redirects, the other answers the redirect and knows nothing."""
    visits = behind(shops(2, prg=True)).visits()
    first = visits.returning[0]
    taker, redirected = first.exchanges[0].answered
    assert taker != redirected
    assert (first.home, first.exchanges[0].node) == (taker, taker)
    assert {exchange.node for exchange in first.at("home", "kept")} <= {taker}
    assert visits.returning[0].at("elsewhere", "lost")
    assert not any(trace.at("home", "lost") for trace in visits.returning)


def test_a_loss_is_nowhere_if_nobody_is_named() -> None:
    """A state that comes and goes with whom the balancer chooses, and no word of who that is."""
    nodes = shops(3, prg=True)
    balancer = RoundRobin(nodes)
    visits = Cluster(lambda call: without_name(balancer(call)), nodes, flow=UNNAMED).visits()
    assert visits.lost
    assert not any(trace.at(place, "lost") for trace in visits.returning for place in ("home", "elsewhere"))
    assert visits.frozen
    assert any(trace.comes_and_goes for trace in (*visits.returning, visits.frozen))


def test_a_flow_that_several_nodes_answered_has_no_home() -> None:
    """Two nodes in turn: one gives the session out, the other takes it up as PHP does, and is written to."""
    nodes, turns = shops(2), count()

    def adopting(call: Call) -> Reply:
        node = nodes[next(turns) % 2]
        if call.path == "/start":
            given = ("Set-Cookie", f"PHPSESSID={secrets.token_hex(13)}; Path=/")
            return Reply(body="hello").with_headers(("X-Node", node.name), given)
        items = node.sessions.setdefault(call.cookies.get("PHPSESSID", ""), [])
        if call.method == "POST":
            items.append(call.body.partition("=")[2])
        return Reply(body=" ".join(items)).with_headers(("X-Node", node.name))

    flow = replace(FLOW, write=(Step("/start"), WRITE))
    visits = Cluster(adopting, nodes, flow=flow).visits()
    assert any(trace.lost for trace in visits.returning)
    assert not any(trace.at("home", "lost") for trace in visits.returning)
    assert set(visits.returning[0].homes) == {"app1", "app2"}


def test_an_id_that_always_changes_is_no_loss() -> None:
    """Each answer renews it on purpose, and nothing else says whether the session is there."""
    nodes = shops(2)

    def renewing(call: Call) -> Reply:
        del call
        return Reply(body="hello").with_headers(("Set-Cookie", f"sessionid={secrets.token_hex(16)}; Path=/; HttpOnly"))

    visits = Cluster(renewing, nodes, flow=Flow()).visits()
    assert any(exchange.renewed for trace in visits.returning for exchange in trace.exchanges)
    assert {exchange.state for trace in visits.returning for exchange in trace.exchanges} == {"unknown"}
