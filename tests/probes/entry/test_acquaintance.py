"""Getting to know a site: which product it is, and what shows whether a session is kept."""

from __future__ import annotations

import asyncio
import base64
import itertools
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.context import Context, Options
from sessiondoctor.probes.entry.acquaintance import MOST_REQUESTS, acquaint
from sessiondoctor.products.page import Mark, Product, State
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Site, Topology
from sessiondoctor.topology.steps import Flow, Socket, Step
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.cluster import App, Call, Reply, _bytes, _call
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.evidence.entry.acquaintance import Acquaintance


@dataclass(slots=True)
class Page:
    """A node whose page sets a session cookie and may show a form.

    Attributes:
        sessions: token by id.
        token: what the form's hidden field has: the session's own, one for all, a new one each time, the cookie's,
            or nothing.
        believes: an id that it has not made is taken as its own, as PHP does by default.
        always: each answer has a new session cookie.
    """

    sessions: dict[str, str] = field(default_factory=dict)
    token: str = "session"
    believes: bool = False
    always: bool = False
    link: str = ""

    def __call__(self, call: Call) -> Reply:
        """Answer."""
        if self.link and call.path == "/":
            return Reply(200, f'<a href="{self.link}">Sign in</a>', (("Content-Type", "text/html"),))
        sid, headers = call.cookies.get("sid", ""), [("Content-Type", "text/html")]
        if sid not in self.sessions or self.always:
            known = self.sessions.pop(sid, secrets.token_hex(16))
            sid = sid if self.believes and sid and not self.always else secrets.token_hex(16)
            self.sessions[sid] = known
            headers += [("Set-Cookie", f"sid={sid}; Path=/; HttpOnly")]
        csrf = call.cookies.get("csrftoken", "") or secrets.token_hex(16)
        if self.token == "cookie" and "csrftoken" not in call.cookies:
            headers += [("Set-Cookie", f"csrftoken={csrf}; Path=/")]
        tokens = {"session": self.sessions[sid], "all": "a1" * 16, "new": secrets.token_hex(16), "cookie": csrf}
        hidden = f'<input type="hidden" name="t" value="{tokens[self.token]}">' if self.token in tokens else ""
        return Reply(200, f"<form method=post>{hidden}<input type=password name=p></form>", tuple(headers))


def met(nodes: Sequence[App], products: Sequence[Product] = (), **site: object) -> tuple[Acquaintance, Flow]:
    """What comes of it where a balancer takes turns; never more requests than announced, all of them GET."""
    turns, asked = itertools.cycle(nodes), Counter[str]()

    def answer(raw: bytes) -> bytes:
        call = _call(raw)
        asked[call.method] += 1
        return _bytes(next(turns)(call))

    async def ask() -> tuple[Acquaintance, Flow]:
        async with serve(answer) as server, Wire(limits=Limits(total_s=2.0), pace=Pace(0)) as wire:
            topology = Topology(Site(server.url, **site))  # type: ignore[arg-type] # keys of a site

            async def need(_kind: object) -> None:
                raise AssertionError

            return await acquaint(Context(topology, Options(), wire, Redactor(), need), products, 60.0)

    found = asyncio.run(ask())
    assert set(asked) == {"GET"}
    assert asked["GET"] <= MOST_REQUESTS
    return found


def shared(count: int = 2, **how: object) -> list[Page]:
    """Nodes that share sessions."""
    sessions: dict[str, str] = {}
    return [Page(sessions, **how) for _ in range(count)]  # type: ignore[arg-type] # fields of a page


def apart(count: int = 2, **how: object) -> list[Page]:
    """Nodes with sessions of their own."""
    return [Page(**how) for _ in range(count)]  # type: ignore[arg-type] # fields of a page


@pytest.mark.parametrize("nodes", [shared(), apart(), shared(1)], ids=["kept", "lost", "alone"])
def test_a_token_of_the_session_is_followed(nodes: list[Page]) -> None:
    """Whether it is kept or lost is for the visits to say."""
    seen, flow = met(nodes)
    assert seen.followed_by == "the token `t` in the page /"
    assert flow.write[0].extract.keys() == flow.read[0].same.keys() == {"token"}


@pytest.mark.parametrize("token", ["all", "new", "cookie", "none"])
def test_a_field_that_says_nothing_of_the_session_is_not_followed(token: str) -> None:
    """One for everybody, one for each page, one that a cookie of its own holds; the session's cookie tells instead."""
    for nodes in (shared(token=token), apart(token=token)):
        seen, flow = met(nodes)
        assert seen.followed_by == "the cookie sid, which / replaces where it does not know the session"
        assert flow.read[0].keeps == "sid"


def test_a_token_that_a_cookie_has_too_is_not_followed() -> None:
    """The server compares the two and keeps nothing, whatever the cookie's name makes it look like."""

    def answer(call: Call) -> Reply:
        token = call.cookies.get("app_session", "") or secrets.token_hex(12)
        page = f'<form method=post><input type="hidden" name="t" value="{token}"></form>'
        cookie = () if "app_session" in call.cookies else (("Set-Cookie", f"app_session={token}; Path=/"),)
        return Reply(200, page, (("Content-Type", "text/html"), *cookie))

    assert met([answer, answer])[1].write == ()


@pytest.mark.parametrize("how", [{"believes": True}, {"always": True}])
def test_a_cookie_that_says_nothing_is_not_followed(how: dict[str, bool]) -> None:
    """A server that takes any id for its own never replaces one; one that always replaces it tells nothing either."""
    seen, flow = met(shared(token="none", **how))
    assert (flow, seen.followed_by) == (Flow(), "")
    assert seen.why_not == "no page shows without an account whether a session is kept"


def test_a_cookie_that_is_sealed_anew_within_a_second_is_not_followed() -> None:
    """Flask signs the time in seconds: the value stays the same for a second, and says nothing of the session."""

    def sealed(_: Call) -> Reply:
        stamp = base64.urlsafe_b64encode(int(time.time()).to_bytes(4, "big")).decode().rstrip("=")
        value = f"eyJfZnJlc2giOmZhbHNlfQ.{stamp}.{'A' * 27}"
        return Reply(200, "<h1>Shop</h1>", (("Set-Cookie", f"session={value}; Path=/; HttpOnly"),))

    assert met([sealed])[1] == Flow()


@pytest.mark.parametrize("value", ["signed", "masked", "free"])
def test_a_csrf_cookie_is_followed_where_only_a_signed_one_is_taken(value: str) -> None:
    """JupyterHub signs it with the key of its sessions; Tornado's has a version and a mask, Django's is any text."""
    made = set[str]()

    def fresh() -> str:
        random = secrets.token_hex(16)
        return f"2|{secrets.token_hex(4)}|{random}|{int(time.time())}" if value == "masked" else random

    def is_taken(cookie: str) -> bool:
        known = {"signed": cookie in made, "masked": cookie.startswith("2|"), "free": len(cookie) == 32}
        return known[value]

    def page(call: Call) -> Reply:
        if is_taken(call.cookies.get("_xsrf", "")):
            return Reply(200, "<h1>Sign in</h1>", ())
        made.add(cookie := fresh())
        return Reply(200, "<h1>Sign in</h1>", (("Set-Cookie", f"_xsrf={cookie}; Path=/; HttpOnly"),))

    seen, flow = met([page, page])
    told = "the cookie _xsrf, which / replaces where it has not signed it" if value == "signed" else ""
    assert (seen.followed_by, [step.keeps for step in flow.read]) == (told, ["_xsrf"] if told else [])


def test_a_token_tells_where_any_id_is_believed() -> None:
    """As with PHP: the id stays, the token does not."""
    assert met(apart(believes=True))[0].followed_by == "the token `t` in the page /"
    assert met(shared(believes=True))[0].followed_by == "the token `t` in the page /"


def test_the_login_page_is_opened_where_the_first_page_shows_nothing() -> None:
    """It is opened, nothing is sent to it."""
    seen, flow = met(shared(link="/login?next=/"))
    assert seen.followed_by == "the token `t` in the page /login"
    assert flow.read[0].path == "/login?next=/"


def test_a_declared_flow_is_not_replaced() -> None:
    """One request, for what product it is."""
    seen, flow = met(shared(), flow=Flow(write=(Step("/a"),), read=(Step("/b"),)))
    assert (flow, seen.followed_by, seen.why_not) == (Flow(), "", "")


FORM = Product(
    "form", "The Form", "", (Mark("text", "type=password", 0.95),), ("sid",), (), State("memory", "x"), (), "no",
    flow={"write": {"path": "/a", "extract": {"x": {"css": "[name=t]"}}}, "read": {"path": "/b", "expect": "{x}"}},
)  # fmt: skip


def test_a_recognised_product_brings_its_flow() -> None:
    """It is tried like any other, and named."""
    seen, flow = met(shared(), [FORM])
    assert (seen.product, seen.certainty) == ("form", 0.95)
    assert seen.followed_by == "the default flow of The Form: GET /a, GET /b"
    assert [step.path for step in (*flow.write, *flow.read)] == ["/a", "/b"]


def test_a_flow_of_a_product_that_shows_nothing_is_left() -> None:
    """A text that everybody is shown says nothing of a session."""
    seen, flow = met(shared(token="all"), [FORM])
    assert seen.product == "form"
    assert flow.read[0].keeps == "sid"


IN_THE_URL = Product(
    "polling", "Polling", "", (Mark("text", "poll", 0.95),), (), (), State("memory", "x"), (), "required",
    flow={
        "write": {"path": "/open", "extract": {"sid": {"regex": "id=(\\w+)"}}},
        "read": {"path": "/look?sid={sid}", "expect": "ok"},
    },
)  # fmt: skip


@pytest.mark.parametrize("answers_to", ["its own", "any"])
def test_a_session_in_the_url_is_followed_where_another_id_is_refused(answers_to: str) -> None:
    """No cookie carries it: whoever has another id is a stranger, and must see nothing."""

    def node() -> App:
        known: set[str] = set()

        def answer(call: Call) -> Reply:
            if call.path == "/open":
                known.add(sid := secrets.token_hex(8))
                return Reply(200, f"id={sid}", ())
            if answers_to == "its own" and call.path.startswith("/look") and call.path[10:] not in known:
                return Reply(400, "Session ID unknown", ())
            return Reply(200, "poll ok", ())

        return answer

    seen, flow = met([node(), node(), node()], [IN_THE_URL])
    followed = "the default flow of Polling: GET /open, GET /look" if answers_to == "its own" else ""
    assert (seen.followed_by, bool(flow.write)) == (followed, bool(followed))
    declared = Flow(websocket=Socket("/open"))
    assert met([node(), node(), node()], [IN_THE_URL], flow=declared)[1].write == (), "a probe of its own follows it"


@pytest.mark.parametrize(
    "leads", ["location.href = 'in?sid={}';", '<a href="in;sid={}">in</a>', '<a href="/in?a=1&amp;sid={}">in</a>']
)
@pytest.mark.parametrize("keeps", ["kept", "forgotten"])
def test_an_id_in_the_urls_of_pages_is_followed(leads: str, keeps: str) -> None:
    """A page whose URL has the id of a session that its node knows goes on with it; else it begins another one."""

    def node() -> App:
        known: set[str] = set()

        def answer(call: Call) -> Reply:
            sid = call.path.rpartition("sid=")[2]
            if keeps == "forgotten" or sid not in known:
                known.add(sid := secrets.token_hex(8))
            return Reply(200, leads.format(sid), (("Content-Type", "text/html"),))

        return answer

    seen, flow = met([node(), node()])
    assert seen.followed_by == ("the session's id `sid` in the URL of /in" if keeps == "kept" else "")
    assert bool(flow.write) is (keeps == "kept")


def test_an_id_that_anybody_may_have_is_not_followed() -> None:
    """A page that repeats whatever it is sent keeps nothing."""

    def answer(call: Call) -> Reply:
        sid = call.path.rpartition("sid=")[2] if "sid=" in call.path else secrets.token_hex(8)
        return Reply(200, f'<a href="/in?sid={sid}">in</a>', (("Content-Type", "text/html"),))

    assert met([answer, answer])[0].followed_by == ""


def test_a_declared_product_needs_no_marks() -> None:
    """The user knows."""
    other = Product("other", "Other", "", (Mark("text", "nowhere", 0.95),), (), (), State("none", "x"), (), "no")
    assert met(shared(), [FORM, other], product="other")[0].product == "other"


def test_nobody_answers() -> None:
    """Nothing is known, and nothing is claimed."""

    async def ask() -> tuple[Acquaintance, Flow]:
        async with Wire(limits=Limits(total_s=1.0), pace=Pace(0)) as wire:

            async def need(_kind: object) -> None:
                raise AssertionError

            context = Context(Topology(Site("http://127.0.0.1:1/")), Options(), wire, Redactor(), need)
            return await acquaint(context, [FORM], 5.0)

    seen, flow = asyncio.run(ask())
    assert (seen.product, seen.followed_by, flow) == ("", "", Flow())
