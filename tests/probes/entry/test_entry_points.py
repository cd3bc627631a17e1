from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Context, Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.network.names import Answer, Names
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.entry import entry_point_list as ways
from sessiondoctor.probes.entry.entry_points import plan
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Balancer, Dns, Site, Topology, bare
from sessiondoctor.topology.steps import Extract, Flow, Step
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.certificates import Authority, authority
from tests.fakes.cluster import FLOW, WRITE, App, Call, Reply, RoundRobin, Shop, _bytes, _call, _value, sharing, shops
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from sessiondoctor.evidence.entry.entry_points import EntryPoints, EntryPointTest

Lookup = Callable[[str, int], Awaitable[tuple[str, ...]]]

HOST, WWW = "shop.example", "www.shop.example"
ONE, TWO, SIX = "127.0.0.1", "127.0.0.2", "::1"


@dataclass(slots=True)
class Street:
    """Houses on one port, by address; `shop.example` has these addresses, home first, and other names the first one.

    Attributes:
        site: of the topology; `{port}` in a URL is the port of all houses, `{other}` that of `other`.
        other: one more house on a port of its own, with `tls`.
        lookup: finds the addresses of names that are not declared.
        values: of all cookies that were set.
    """

    houses: Mapping[str, App]
    flow: Flow = FLOW
    site: Mapping[str, Any] = field(default_factory=dict)
    balancers: Mapping[str, str] = field(default_factory=dict)
    other: App | None = None
    tls: ssl.SSLContext | None = None
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    values: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    lookup: Lookup | None = None
    ports: dict[str, int] = field(default_factory=dict)
    redactor: Redactor = field(default_factory=Redactor)

    def entry_points(self, options: Options | None = None) -> EntryPoints:
        """What the probe finds, within what it promised."""
        found: EntryPoints = asyncio.run(self._ask(options or Options()))
        return found

    def entry_test(self) -> EntryPointTest:
        """The one entry point test."""
        (one,) = self.entry_points().entry_tests
        return one

    async def _ask(self, options: Options) -> Any:
        async with AsyncExitStack() as stack:
            topology = await self._open(stack)
            (probe,) = plan(topology, options)
            assert isinstance(probe, Probe)
            pace = Pace(0, at_once=2)
            limits = Limits(connect_s=2.0, total_s=2.0)
            wire = await stack.enter_async_context(
                Wire(limits=limits, pace=pace, resolve=topology.site.resolve, lookup=self.lookup)
            )
            evidence = await probe.ask(Context(topology, options, wire, self.redactor, _nothing))
        sent = dict(pace.sent)
        assert sum(self.asked.values()) <= sum(sent.values())
        assert all(sent[place] <= probe.contacts.get(place, 0) for place in sent), (sent, probe.contacts)
        assert not [value for value in self.values if value in repr(evidence)]
        return evidence

    async def _open(self, stack: AsyncExitStack) -> Topology:
        port, other = 0, 0
        for address, app in self.houses.items():
            house = serve(self._answers(address, app), host=address, port=port, tell_peer=True)
            port = (await stack.enter_async_context(house)).port
        if self.other:
            other = (await stack.enter_async_context(serve(self._answers("other", self.other), tls=self.tls))).port
        self.ports = ports = {"port": port, "other": other}
        site = {key: _filled(value, ports) for key, value in self.site.items()}
        resolve = {HOST: self.addresses or tuple(self.houses), **dict.fromkeys(self.names, (next(iter(self.houses)),))}
        described = {"url": f"http://{HOST}:{port}/", "flow": self.flow, "resolve": resolve, **site}
        balancers = tuple(Balancer(name, url=_filled(url, ports)) for name, url in self.balancers.items())
        return Topology(Site(**described), load_balancers=balancers)

    def _answers(self, name: str, app: App) -> Any:
        def answer(raw: bytes) -> bytes:
            self.asked[name] += 1
            reply = app(_call(raw))
            self.values |= {part for text in _cookies(reply) for part in _value(text).split(".") if len(part) > 12}
            return _bytes(reply)

        return answer


def _filled(value: Any, ports: dict[str, int]) -> Any:
    if isinstance(value, str) and "{" in value:
        return value.format(**ports)
    return tuple(_filled(item, ports) for item in value) if isinstance(value, tuple) else value


def _cookies(reply: Reply) -> list[str]:
    return [text for name, text in reply.headers if name == "Set-Cookie"]


async def _nothing(_: type[Any]) -> Any:
    raise AssertionError("this probe needs no other evidence")


def states(exchanges: Any) -> list[str]:
    """What was seen of the state."""
    return [exchange.state for exchange in exchanges]


def below(prefix: str, app: App, otherwise: App) -> App:
    """A gateway that hands what is below a path to one application, without that path."""

    def gateway(call: Call) -> Reply:
        if not call.path.startswith(prefix):
            return otherwise(call)
        return app(Call(call.method, "/" + call.path.removeprefix(prefix).lstrip("/"), call.headers, call.body))

    return gateway


def test_two_addresses_with_memories_of_their_own() -> None:
    """What was made at one is unknown at the other, and still there at home."""
    one, two = shops(2)
    street = Street({ONE: one, TWO: two})
    entry_points = street.entry_points()
    (entry_test,) = entry_points.entry_tests
    assert (entry_test.entry_point.kind, entry_test.entry_point.name, entry_test.entry_point.family) == (
        "address",
        TWO,
        "ipv4",
    )
    assert entry_test.lost
    assert not entry_test.kept
    assert (states(entry_test.there), states(entry_test.back)) == (["lost"] * 3, ["kept"] * 2)
    assert {exchange.node for exchange in entry_test.there} == {"app2"}
    assert {entry_test.made.node, *(exchange.node for exchange in entry_test.back)} == {"app1"}
    assert (entry_test.raw_there, entry_test.withheld, entry_test.leads_to, entry_test.trouble) == ((), "", "", "")
    assert (entry_points.flow, entry_points.home_lost, entry_points.home_address) == (True, False, ONE)
    assert entry_points.home.startswith(f"http://{HOST}:")


def test_two_addresses_of_one_memory() -> None:
    """Kept by both families, although other nodes answer."""
    one, two, six = sharing()
    entry_points = Street({ONE: one, TWO: two, SIX: six}).entry_points()
    assert [
        (entry_test.entry_point.name, entry_test.entry_point.family) for entry_test in entry_points.entry_tests
    ] == [
        (TWO, "ipv4"),
        (SIX, "ipv6"),
    ]
    assert all(entry_test.kept and not entry_test.lost for entry_test in entry_points.entry_tests)
    assert [{exchange.node for exchange in entry_test.there} for entry_test in entry_points.entry_tests] == [
        {"app2"},
        {"app3"},
    ]


def test_only_the_other_family_loses() -> None:
    """Each address is an entry point of its own."""
    one, two = sharing(2)
    entry_points = Street({ONE: one, TWO: two, SIX: Shop("old")}).entry_points()
    assert {entry_test.entry_point.family: entry_test.lost for entry_test in entry_points.entry_tests} == {
        "ipv4": False,
        "ipv6": True,
    }


def test_an_address_that_nobody_answers_at() -> None:
    """That is trouble, and no loss."""
    entry_test = Street({ONE: Shop("app1")}, addresses=(ONE, TWO)).entry_test()
    assert "refused" in entry_test.trouble
    assert (entry_test.there, entry_test.lost, entry_test.kept) == ((), False, False)
    assert entry_test.made.state == "kept"


def test_a_home_that_loses_by_itself() -> None:
    """Then a loss through another entry point proves nothing."""
    entry_points = Street({ONE: RoundRobin(shops(2)), TWO: Shop("app3")}).entry_points()
    assert entry_points.home_lost


def test_where_making_a_session_fails_too_nothing_is_lost() -> None:
    """The flow does not work at the other address: what it shows of the session means nothing."""

    def parked(_: Call) -> Reply:
        return Reply(body="<h1>Welcome to nginx</h1>")

    entry_test = Street({ONE: Shop("app1"), TWO: parked}).entry_test()
    assert states(entry_test.there) == ["unknown"] * 3
    assert {exchange.trouble for exchange in entry_test.there} == {
        "a session that was made there is not seen there either"
    }
    assert not entry_test.trouble
    missing = Street({ONE: Shop("app1"), TWO: lambda _: Reply(404)}).entry_test()
    assert {exchange.trouble for exchange in missing.there} == {"no session can be made there: POST /cart: status 404"}


def test_a_site_that_cannot_be_used_at_home() -> None:
    """Nothing can be said of its entry points."""
    with pytest.raises(Unavailable, match="no session can be made: POST /cart: status 403"):
        Street({ONE: Shop("app1", writes=False), TWO: Shop("app2")}).entry_points()


def test_a_name_with_one_address() -> None:
    """Is only known once it was looked up; then nobody is asked anything."""
    site = {"url": "http://localhost:{port}/", "resolve": {}}
    street = Street({ONE: Shop("app1")}, site=site)
    entry_points = street.entry_points()
    assert (entry_points.entry_tests, entry_points.home_lost) == ((), False)
    assert not street.asked


def test_a_name_that_nobody_knows() -> None:
    """It could not be looked up: that is no site with one way in."""
    street = Street({ONE: Shop("app1")}, site={"url": "http://shop.invalid:{port}/", "resolve": {}})
    with pytest.raises(Unavailable, match=r"addresses of shop\.invalid"):
        street.entry_points()


def test_declared_resolvers_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """All their answers count, of both families."""

    async def resolved(name: str, _: Context) -> Names:
        answers = (Answer("system", (ONE,), ()), Answer("10.0.0.53:53", (ONE, TWO), (SIX,)))
        return Names(name, answers)

    monkeypatch.setattr(ways, "resolve", resolved)
    topology = Topology(Site("http://localhost:1/"), dns=Dns(resolvers=("10.0.0.53:53",)))
    found = asyncio.run(
        ways.look_up(Context(topology, Options(), Wire(limits=Limits(), pace=Pace()), Redactor(), _nothing))
    )
    assert found == (ONE, TWO, SIX)


def test_a_session_that_cannot_be_made_for_one_door() -> None:
    """That entry point has trouble; the others are looked at."""
    shop, made = Shop("app1"), Counter[str]()

    def app(call: Call) -> Reply:
        made[call.method] += 1
        return Reply(503) if (call.method, made["POST"]) == ("POST", 2) else shop(call)

    entry_tests = Street({ONE: app, TWO: shop, SIX: shop}).entry_points().entry_tests
    troubles = sorted(entry_test.trouble for entry_test in entry_tests)
    assert troubles == ["", "no session was made for it: POST /cart: status 503"]
    assert sorted(entry_test.kept for entry_test in entry_tests) == [False, True]


def test_other_hosts_get_no_host_only_cookie() -> None:
    """A browser withholds it and loses; with the cookie the state is there."""
    street = Street(
        {ONE: Shop("app1")}, site={"urls": ("http://www.shop.example:{port}/",)}, names=("www.shop.example",)
    )
    entry_test = street.entry_test()
    assert entry_test.entry_point.kind == "url"
    assert entry_test.entry_point.name.startswith("http://www.shop.example:")
    assert entry_test.withheld == "Domain is not set, so it goes to shop.example only, not to www.shop.example"
    assert (states(entry_test.there), states(entry_test.raw_there)) == (["lost"] * 3, ["kept"] * 2)
    assert states(entry_test.back) == ["kept"] * 2


def test_a_cookie_for_the_whole_domain() -> None:
    """Nothing is withheld, and no second client is needed."""
    shop = Shop("app1", attributes="; Path=/; Domain=shop.example")
    street = Street({ONE: shop}, site={"urls": ("http://www.shop.example:{port}/?x=1",)}, names=("www.shop.example",))
    entry_test = street.entry_test()
    assert entry_test.kept
    assert (entry_test.withheld, entry_test.raw_there, "?" in entry_test.entry_point.name) == ("", (), False)


def test_another_application_below_a_path() -> None:
    """The cookie is sent, and its session is unknown there."""
    app = below("/eu/", Shop("eu", renews=True), Shop("app1"))
    entry_test = Street({ONE: app}, site={"urls": ("http://shop.example:{port}/eu/",)}).entry_test()
    assert entry_test.lost
    assert entry_test.there[0].renewed
    assert entry_test.session_cookies == ("connect.sid",)
    assert states(entry_test.back) == ["lost"] * 2, "its cookie replaced the first one"


def test_a_path_where_the_flow_does_not_exist() -> None:
    """Its own cookie is seen, and nothing is called lost."""

    def account(_: Call) -> Reply:
        return Reply(404, headers=(("Set-Cookie", "PHPSESSID=0123456789abcdefghijklmnop; Path=/; HttpOnly"),))

    for site in ({}, {"session_cookie": "connect.sid"}):
        app = below("/account/", account, Shop("app1"))
        entry_test = Street({ONE: app}, site={"urls": ("http://shop.example:{port}/account/",), **site}).entry_test()
        assert entry_test.session_cookies == ("PHPSESSID",)
        assert states(entry_test.there) == ["unknown"] * 3


def test_a_door_that_redirects_to_another_host() -> None:
    """What is behind it has an entry point of its own."""

    def moved(call: Call) -> Reply:
        if call.headers["host"].startswith("www"):
            return Reply(301, headers=(("Location", f"http://shop.example:{call.headers['host'].split(':')[1]}/"),))
        return shop(call)

    shop = Shop("app1")
    street = Street({ONE: moved}, site={"urls": ("http://www.shop.example:{port}/",)}, names=("www.shop.example",))
    entry_test = street.entry_test()
    assert entry_test.leads_to.startswith("http://shop.example:")
    assert (entry_test.there, entry_test.trouble) == ((), "")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of our own."""
    return authority(tmp_path_factory.mktemp("authority"))


def with_tls(own: Authority, shop: Shop, plain: App) -> Street:
    """A site with https, and what answers http."""
    urls = {"url": "https://shop.example:{other}/", "urls": ("http://shop.example:{port}/",)}
    return Street({ONE: plain}, other=shop, tls=own.good(), site={**urls, "ca": own.ca})


def test_http_that_leads_to_https(own: Authority) -> None:
    """A browser follows with its cookies."""

    def redirect(call: Call) -> Reply:
        return Reply(308, headers=(("Location", f"https://{HOST}:{street.ports['other']}{call.path}"),))

    street = with_tls(own, Shop("app1", attributes="; Path=/; Secure"), redirect)
    entry_test = street.entry_test()
    assert (entry_test.entry_point.kind, entry_test.trouble) == ("scheme", "")
    assert entry_test.leads_to == f"https://{HOST}:{street.ports['other']}"
    assert entry_test.kept


def test_http_beside_https(own: Authority) -> None:
    """A Secure cookie is not sent there; with it the state would be seen."""
    shop = Shop("app1", attributes="; Path=/; Secure")
    entry_test = with_tls(own, shop, shop).entry_test()
    assert entry_test.leads_to == ""
    assert entry_test.withheld == "Secure, but the URL is plain HTTP"
    assert (states(entry_test.there), states(entry_test.raw_there)) == (["lost"] * 3, ["kept"] * 2)


def test_a_site_that_led_elsewhere_is_entered_by_its_first_url_again(own: Authority) -> None:
    """Home is where a user lands."""

    def redirect(call: Call) -> Reply:
        return Reply(308, headers=(("Location", f"https://{HOST}:{street.ports['other']}{call.path}"),))

    street = with_tls(own, Shop("app1", attributes="; Path=/; Secure"), redirect)
    street.site = {**street.site, "url": street.site["urls"][0], "urls": (street.site["url"],)}
    entry_points = street.entry_points()
    assert entry_points.home.startswith("https:")
    assert [entry_test.entry_point.name for entry_test in entry_points.entry_tests] == [
        f"http://{HOST}:{street.ports['port']}/"
    ]


def by_source(*nodes: Shop) -> App:
    """A balancer that knows clients by their address."""
    chosen: dict[str, Shop] = {}

    def balancer(call: Call) -> Reply:
        return chosen.setdefault(call.headers["x-peer"], nodes[len(chosen) % len(nodes)])(call)

    return balancer


def test_a_client_from_another_address() -> None:
    """Meets another node, where it is a new client; the address that it has anyway is no other entry point."""
    street = Street({ONE: by_source(*shops(2))}, site={"sources": (ONE, "127.0.0.9")})
    entry_test = street.entry_test()
    assert (entry_test.entry_point.kind, entry_test.entry_point.name) == ("source", "127.0.0.9")
    assert ({exchange.node for exchange in entry_test.there}, entry_test.made.node) == ({"app2"}, "app1")
    assert (states(entry_test.there), states(entry_test.back)) == (["lost"] * 3, ["kept"] * 2)


def test_a_source_of_another_family_is_trouble() -> None:
    """It cannot connect."""
    entry_test = Street({ONE: Shop("app1")}, site={"sources": (SIX,)}).entry_test()
    assert f"no address that {SIX} can connect to" in entry_test.trouble


def test_balancers_are_told_the_public_name() -> None:
    """They are sent what a browser at the site sends; the one that is the home entry point is left out."""
    one, two = shops(2)
    hosts: set[str] = set()

    def standby(call: Call) -> Reply:
        hosts.add(call.headers["host"])
        return two(call)

    urls = {"edge": "http://127.0.0.1:{port}/", "standby": "http://127.0.0.1:{other}/"}
    street = Street({ONE: one}, other=standby, balancers=urls)
    entry_test = street.entry_test()
    assert (entry_test.entry_point.kind, entry_test.entry_point.name) == ("balancer", "standby")
    assert entry_test.lost
    assert {exchange.node for exchange in entry_test.there} == {"app2"}
    assert hosts == {f"{HOST}:{street.ports['port']}"}


def test_a_balancer_that_keeps() -> None:
    """Cookies for the site's host reach it, although its URL is another."""
    one, two = sharing(2, attributes=f"; Path=/; Domain={HOST}")
    entry_test = Street({ONE: one}, other=two, balancers={"standby": "http://127.0.0.1:{other}/"}).entry_test()
    assert entry_test.kept
    assert entry_test.withheld == ""


def test_without_a_flow_a_new_id_is_a_loss() -> None:
    """The client returned the old one."""
    one, two = shops(2, starts=True)
    entry_points = Street({ONE: one, TWO: two}, flow=Flow()).entry_points()
    assert not entry_points.flow
    assert entry_points.entry_tests[0].lost
    one, two = sharing(2, starts=True)
    kept = Street({ONE: one, TWO: two}, flow=Flow()).entry_test()
    assert states(kept.there) == ["unknown"] * 3


def test_redirects_at_every_step_end_with_the_budget() -> None:
    """The promise is kept; what was seen until then remains."""
    shop = Shop("app1")

    def app(call: Call) -> Reply:
        path, _, count = call.path.partition("?")
        if call.method == "GET" and int(count or 0) < 5:
            return Reply(302, headers=(("Location", f"{path}?{int(count or 0) + 1}"),))
        return shop(call)

    entry_test = Street({ONE: app, TWO: app}).entry_test()
    assert entry_test.made.state == "kept"
    assert not entry_test.lost


def test_many_addresses_are_bounded() -> None:
    """Eight are looked at, of both families."""
    shop = Shop("app1")
    street = Street({ONE: shop}, addresses=(ONE, *(f"127.0.0.{n}" for n in range(20, 40)), SIX))
    entry_points = street.entry_points()
    assert len(entry_points.entry_tests) == 7
    assert SIX in {entry_test.entry_point.name for entry_test in entry_points.entry_tests}


def names_of(topology: Topology) -> str:
    """How the plan describes it."""
    (probe,) = plan(topology, Options())
    assert isinstance(probe, Probe)
    return probe.describe


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://[::1]:8080/"])
def test_one_way_in_is_absent(url: str) -> None:
    """What could be declared is said."""
    (absent,) = plan(bare(url), Options())
    assert isinstance(absent, Absent)
    assert "site.urls" in absent.hint


def test_the_plan() -> None:
    """The counterpart at the usual port, every declared entry point, and resolvers where a name must be looked up."""
    assert "http://10.0.0.1/" in names_of(bare("https://10.0.0.1/"))
    assert "up to 7 more addresses" in names_of(bare("https://shop.example:8443/"))
    site = Site(
        "https://shop.example:8443/", urls=("https://www.shop.example/",), resolve={"shop.example": ("10.0.0.1",)}
    )
    assert names_of(Topology(site)).endswith("other entry points: https://www.shop.example/")
    resolvers = Topology(Site("https://shop.example:8443/"), dns=Dns(resolvers=("10.0.0.53:53",)))
    (probe,) = plan(resolvers, Options())
    assert isinstance(probe, Probe)
    assert set(probe.contacts) == {"shop.example:8443", "10.0.0.53:53"}
    assert probe.contacts["10.0.0.53:53"] == 4
    longer = Topology(Site("https://shop.example:8443/", flow=Flow(write=(WRITE, WRITE), read=FLOW.read * 3)))
    (other,) = plan(longer, Options())
    assert isinstance(other, Probe)
    assert other.contacts["shop.example:8443"] > 2 * probe.contacts["shop.example:8443"]


def test_an_undeclared_http_is_shown_nothing_secret() -> None:
    """Neither a password nor a Secure cookie goes over plain HTTP that nobody declared."""
    topology = Topology(Site("https://shop.example/", headers={"Authorization": "Basic eDp5", "X-Env": "test"}))
    home = entry(topology)
    (way,) = ways.ways_of(topology, home, ())
    assert way.exposed
    assert way.target.headers == (("X-Env", "test"),)
    declared = Topology(replace(topology.site, urls=("http://shop.example/",)))
    (way,) = ways.ways_of(declared, home, ())
    assert not way.exposed
    assert len(way.target.headers) == 2


@pytest.mark.parametrize(("status", "state"), [(200, "lost"), (404, "unknown")])
def test_http_that_nobody_declared_is_only_looked_at(
    own: Authority, monkeypatch: pytest.MonkeyPatch, status: int, state: str
) -> None:
    """No session is made there, no Secure cookie is sent there, and a missing page is no loss."""
    asked: list[tuple[str, str]] = []

    def plain(call: Call) -> Reply:
        asked.append((call.method, call.headers.get("cookie", "")))
        return Reply(status, "who are you?")

    def counterpart(_: str) -> tuple[str, ...]:
        return (f"http://{HOST}:{street.ports['port']}/",)

    street = with_tls(own, Shop("app1", attributes="; Path=/; Secure"), plain)
    street.site = {key: value for key, value in street.site.items() if key != "urls"}
    monkeypatch.setattr(ways, "_counterpart", counterpart)
    entry_test = street.entry_test()
    assert (entry_test.entry_point.kind, entry_test.raw_there) == ("scheme", ())
    assert states(entry_test.there) == [state] * 3
    assert set(asked) == {("GET", "")}


def test_a_balancer_behind_tls_is_told_so() -> None:
    """As what ends TLS in front of it would; what the topology says comes first."""
    balancers = (Balancer("edge", url="http://10.0.0.5/"),)
    topology = Topology(
        Site("https://shop.example:8443/", headers={"X-Forwarded-Proto": "http"}), load_balancers=balancers
    )
    (way,) = ways.ways_of(topology, entry(topology), ())
    assert way.target.headers == (("X-Forwarded-Proto", "http"), ("Host", "shop.example:8443"))
    topology = replace(topology, site=replace(topology.site, headers={}))
    (way,) = ways.ways_of(topology, entry(topology), ())
    assert way.target.headers == (("Host", "shop.example:8443"), ("X-Forwarded-Proto", "https"))
    assert way.target.seen("http://10.0.0.5/cart") == "https://shop.example:8443/cart"


def test_a_door_is_looked_through_at_one_address() -> None:
    """A name whose addresses come in another order each time would be two entry points."""
    found: list[str] = []

    async def rotating(_host: str, _port: int) -> tuple[str, ...]:
        found.append(TWO if len(found) % 2 else ONE)
        return (found[-1],)

    one, two = (Shop(name, attributes=f"; Path=/; Domain={HOST}") for name in ("app1", "app2"))
    street = Street(
        {ONE: one, TWO: two}, addresses=(ONE,), site={"urls": (f"http://{WWW}:{{port}}/",)}, lookup=rotating
    )
    entry_test = street.entry_test()
    assert entry_test.kept
    assert len(found) == 1


def test_secrets_of_the_flow_are_scrubbed() -> None:
    """What a page made us extract is not for reports."""
    token, shop = "tok-9f8e7d6c", Shop("app1")

    def app(call: Call) -> Reply:
        return Reply(body=f"csrf={token};") if call.path == "/form" else shop(call)

    form = Step("/form", extract={"csrf": Extract(regex="csrf=([^;]+)")})
    street = Street({ONE: app, TWO: app}, flow=replace(FLOW, write=(form, WRITE)))
    assert street.entry_test().kept
    assert token not in street.redactor.scrub(f"it is {token}")
