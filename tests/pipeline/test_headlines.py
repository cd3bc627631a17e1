"""What a whole scan says first of sites that give no pages, that were misunderstood, and that are merely unusual."""

from __future__ import annotations

import asyncio
import gzip
import secrets
import ssl
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.pipeline.order import Order
from sessiondoctor.pipeline.scan import scan
from sessiondoctor.topology.model import Site, Topology
from sessiondoctor.topology.steps import Flow, Step
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.certificates import Authority, authority
from tests.fakes.cluster import READ, UNNAMED, WRITE, App, Call, Reply, RoundRobin, Shop, _bytes, _call
from tests.fakes.serving import serve
from tests.fakes.silent_peers import refused_port, refusing_tls
from tests.probes.browser.test_carrier import in_header, in_urls
from tests.test_request_budget import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.model import Report
    from tests.fakes.serving import Answer

FORM = "<form method=post action=/cart><input name=sku></form>"
LOGIN_HINT = "log in"


@cache
def everything() -> Catalogue:
    """All checks and causes."""
    return Catalogue((builtin(),))


async def scanned(topology: Topology) -> Report:
    """The report on this topology."""
    order = Order(topology, everything(), tuple(everything().checks.values()))
    async with Wire(limits=Limits(total_s=5.0), pace=Pace(0)) as wire:
        return await scan(order, wire, Quiet())


def report_on(answer: Answer, flow: Flow = UNNAMED, *, tls: ssl.SSLContext | None = None, ca: str = "") -> Report:
    """The report on one public entry that answers so."""

    async def run() -> Report:
        async with serve(answer, tls=tls) as server:
            return await scanned(Topology(Site(server.url, flow=flow, ca=ca)))

    return asyncio.run(run())


def plain(app: App) -> Answer:
    """The bytes of an application's answers."""
    return lambda raw: _bytes(app(_call(raw)))


def accuses_nobody(report: Report) -> None:
    """No cause, no advice, no fault; and nobody is asked to declare a login for what is no question of sessions."""
    assert (report.diagnosis, report.advice) == ((), ()), report.headline
    assert report.verdict != "fault-found"
    assert not [step.how for step in report.next_steps if LOGIN_HINT in step.how]


def answering(status: int, *headers: tuple[str, str]) -> App:
    """A site that has one answer for everybody."""
    return lambda _: Reply(status, "no", headers)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("flow", [Flow(), UNNAMED], ids=["no flow", "flow"])
@pytest.mark.parametrize(
    ("app", "said"),
    [
        (answering(401), "/ answered 401 to every request: add credentials (-u)"),
        (answering(403), "/ answered 403 to every request: is this address allowed"),
        (answering(404), "/ answered 404 to every request: is the path right?"),
        (answering(429, ("Retry-After", "0")), "/ answered 429 to every request: slower, --rate"),
        (answering(503), "/ answers 503 from the balancer: no node takes its requests"),
        (answering(500), "/ answered 500 to every client without a cookie: see its log"),
        (answering(301, ("Location", "https://shop.test/")), "/ redirects to https://shop.test/: scan that URL"),
        (answering(302, ("Location", "http://www.shop.test/a?b=c")), "redirects to http://www.shop.test/a: scan that"),
        (answering(302, ("Location", "/")), "redirects in a row: a browser gives up as well"),
    ],
    ids=["401", "403", "404", "429", "503", "500", "https", "www", "loop"],
)
def test_a_site_that_gives_no_page_says_which(app: App, said: str, flow: Flow) -> None:
    """Its answer is the headline, and such answers are no sign of lost sessions."""
    report = report_on(plain(app), flow)
    accuses_nobody(report)
    assert said in report.headline
    assert (report.verdict, report.exit_code) == ("not-enough-access", 3)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of our own."""
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.timeout(60)
def test_a_client_certificate_that_is_asked_for_is_said(own: Authority) -> None:
    """With the options that give one."""
    context = own.good()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(own.ca)
    with refusing_tls(context) as port:
        report = asyncio.run(scanned(Topology(Site(f"https://127.0.0.1:{port}/", ca=own.ca))))
    accuses_nobody(report)
    assert report.headline.endswith("/ asks for a client certificate: --cert and --key")


@pytest.mark.timeout(60)
def test_an_authority_that_nobody_knows_is_said(own: Authority) -> None:
    """With the options that make it known."""
    report = report_on(plain(answering(200)), tls=own.good())
    accuses_nobody(report)
    assert report.headline.endswith(": --cacert, or -k")


@pytest.mark.timeout(60)
def test_a_closed_port_is_said() -> None:
    """In one line."""
    report = asyncio.run(scanned(Topology(Site(f"http://127.0.0.1:{refused_port()}/", flow=UNNAMED))))
    accuses_nobody(report)
    assert report.headline.endswith("/: connection refused: is the port right, and does it listen?")


@dataclass(slots=True)
class Kiosk:
    """Nodes that share their carts, with a form whose field is called otherwise."""

    shop: App

    def __call__(self, call: Call) -> Reply:
        """Answer."""
        if call.method == "POST" and "sku=" not in call.body:
            return Reply(200, FORM, (("Content-Type", "text/html"),))
        reply = self.shop(replace(call, body=call.body.replace("sku=", "item=")))
        return replace(reply.with_headers(("Content-Type", "text/html")), body=FORM + reply.body)


@pytest.mark.timeout(60)
def test_a_misspelt_field_is_named() -> None:
    """The page's own form tells how it is called."""
    report = report_on(plain(Kiosk(turns())))
    accuses_nobody(report)
    assert report.headline.startswith("the flow is not understood")
    assert "the form on /cart has `sku`, not `item`" in report.headline


def turns(cookie: str = "JSESSIONID") -> App:
    """Three nodes in turn that share their sessions."""
    sessions: dict[str, list[str]] = {}
    return RoundRobin([Shop(f"app{number}", sessions, cookie=cookie) for number in range(3)])


def mute(app: App) -> App:
    """Nothing says which node answered."""
    return lambda call: _without(app(call), "X-Node")


def _without(reply: Reply, name: str) -> Reply:
    return replace(reply, headers=tuple(pair for pair in reply.headers if pair[0] != name))


def restless(app: App) -> App:
    """The cookie is sealed anew at every answer, and says the same."""

    def answer(call: Call) -> Reply:
        sealed = call.headers.get("cookie", "")
        reply = app(replace(call, headers={**call.headers, "cookie": sealed.partition(".n")[0]}))
        given = next((value for name, value in reply.headers if name == "Set-Cookie"), "")
        opened = given.partition(";")[0] or sealed.partition(".n")[0]
        line = f"{opened}.n{secrets.token_hex(5)}; Path=/; HttpOnly; SameSite=Lax"
        return _without(reply, "Set-Cookie").with_headers(*([("Set-Cookie", line)] if opened else []))

    return answer


def with_prg(app: App) -> App:
    """A POST is answered by a redirect to the page."""

    def answer(call: Call) -> Reply:
        reply = app(call)
        return replace(reply, status=303).with_headers(("Location", "/cart")) if call.method == "POST" else reply

    return answer


def compressed(app: App) -> Answer:
    """Whatever the client accepts."""

    def answer(raw: bytes) -> bytes:
        head, _, body = plain(app)(raw).partition(b"\r\n\r\n")
        packed = gzip.compress(body)
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
        lines += [b"Content-Encoding: gzip", b"Content-Length: " + str(len(packed)).encode()]
        return b"\r\n".join([*lines, b"", packed])

    return answer


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "answer",
    [
        lambda: plain(turns()),
        lambda: plain(mute(turns())),
        lambda: compressed(turns()),
        lambda: plain(in_header(turns())),
        lambda: plain(in_header(turns(), "Mcp-Session-Id")),
        lambda: plain(in_urls(turns())),
        lambda: plain(restless(turns())),
        lambda: plain(with_prg(turns())),
        lambda: compressed(with_prg(restless(mute(turns())))),
    ],
    ids=["plain", "mute", "compressed", "X-Auth-Token", "Mcp-Session-Id", "jsessionid", "restless", "303", "all"],
)
@pytest.mark.parametrize("flow", [Flow(), Flow(write=(WRITE,), read=(READ,))], ids=["no flow", "flow"])
def test_a_healthy_site_of_any_kind_is_accused_of_nothing(answer: Callable[[], Answer], flow: Flow) -> None:
    """And where its flow is declared, its state is seen to be kept."""
    report = report_on(answer(), flow)
    assert report.diagnosis == (), [(one.cause, one.probability) for one in report.diagnosis]
    assert report.verdict != "fault-found"
    assert report.exit_code in {0, 3}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("step", [Step("/cart", expect="nowhere"), Step("/nowhere")])
def test_a_page_that_never_shows_it_is_not_understood(step: Step) -> None:
    """No cause is named for what the declaration may have wrong."""
    report = report_on(plain(turns()), Flow(write=(WRITE,), read=(step,)))
    accuses_nobody(report)
    assert report.headline.startswith("the flow is not understood")
