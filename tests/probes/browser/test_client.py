from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unreachable
from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.formats.set_cookie import SetCookie
from sessiondoctor.probes.browser.budget import Budget, Spent
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.scalars import AUTO
from sessiondoctor.topology.steps import Extract, Step
from sessiondoctor.wire.message import Request
from tests.fakes.serving import CLOSE, Answer, serve, wire

if TYPE_CHECKING:
    from sessiondoctor.probes.browser.results import FlowResult
    from tests.fakes.serving import Server


def reply(status: int = 200, body: str = "", *headers: str) -> bytes:
    """The bytes of a response."""
    lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


def visit(
    answer: Answer, *steps: Step, jar: Jar | None = None, budget: Budget | None = None
) -> tuple[FlowResult, Server]:
    """What a client meets at a server."""

    async def go() -> tuple[FlowResult, Server]:
        async with serve(answer) as server, wire() as one:
            client = Client(one, Target(server.url), jar if jar is not None else Jar(), Redactor(), budget=budget)
            return await client.steps(steps), server

    return asyncio.run(go())


def by_path(**answers: bytes) -> Answer:
    """Responses by path, `/` as `root`."""
    return lambda raw: answers[raw.split(b" ")[1].decode().strip("/") or "root"]


def test_cookies_come_back_and_each_request_has_its_own_connection() -> None:
    """A kept connection would hide what the balancer does."""
    answer = by_path(a=reply(200, "", "Set-Cookie: s=1; Path=/"), b=reply())
    turn, server = visit(answer, Step("/a"), Step("/b"))
    assert turn.ok
    assert len(server.connections) == 2
    assert b"Cookie: s=1\r\n" in server.requests[1]
    assert [setting.cookie for setting in turn.settings] == [SetCookie("s", "1", path="/")]


def test_redirects_are_followed_with_cookies() -> None:
    """A cookie that the redirect sets is sent to where it leads."""
    answer = by_path(a=reply(303, "", "Location: /b", "Set-Cookie: s=1"), b=reply(200, "there"))
    turn, server = visit(answer, Step("/a", "POST", form={"x": "1"}, expect="there"))
    assert turn.ok
    assert server.heads == ["POST /a HTTP/1.1", "GET /b HTTP/1.1"]
    assert b"Cookie: s=1\r\n" in server.requests[1]
    assert len(turn.answers) == 2


@pytest.mark.parametrize("location", ["http://elsewhere.test/", "http://127.0.0.1:1/"])
def test_a_redirect_that_leaves_is_not_followed(location: str) -> None:
    """Neither to another host nor to a port that nobody planned for."""
    turn, server = visit(by_path(a=reply(302, "", f"Location: {location}")), Step("/a", expect="x"))
    assert turn.results[0].why == "elsewhere"
    assert turn.trouble == f"GET /a: a redirect to {location.rstrip('/')}"
    assert turn.redirects == (location,)
    assert len(server.requests) == 1


def test_redirects_in_a_circle_end() -> None:
    """After as many as the target allows."""
    turn, server = visit(by_path(a=reply(302, "", "Location: /a")), Step("/a", expect="x"))
    assert turn.trouble == "GET /a: more than 5 redirects in a row"
    assert len(server.requests) == 6


def test_a_flow_ends_at_the_first_step_that_fails() -> None:
    """And says which and why."""
    turn, server = visit(by_path(a=reply(500), b=reply()), Step("/a"), Step("/b"))
    assert (turn.ok, turn.status, turn.trouble) == (False, 500, "GET /a: status 500")
    assert len(server.requests) == 1


def test_extracted_values_reach_later_steps() -> None:
    """A form's token goes back with the form."""
    form = Step("/a", extract={"csrf": Extract(css="input[name=csrf]")})
    answer = by_path(a=reply(200, "<input name=csrf value=v1>"), b=reply())
    turn, server = visit(answer, form, Step("/b", "POST", form={"csrf": "{csrf}"}))
    assert turn.ok
    assert server.requests[1].endswith(b"csrf=v1")


def test_a_stranger_carries_nothing_of_the_client_it_looks_for() -> None:
    """No cookie, session header, session in the URL, value or page; it knows what to look for."""
    handed = ("Set-Cookie: s=1; Path=/", "X-Auth-Token: header-session", "Content-Type: text/html")
    page = "<b>value-1</b><a href='/b;jsessionid=0123456789ABCDEF'>b</a>"
    write = Step("/a", extract={"token": Extract(css="b")})
    read = Step("/b", headers={"X-Token": "{token}"}, expect="{marker} {token}")
    shown: list[str] = []

    def answer(raw: bytes) -> bytes:
        return reply(200, page, *handed) if raw.startswith(b"GET /a ") else reply(200, shown[0])

    async def go() -> tuple[FlowResult, Client, Client, Server]:
        async with serve(answer) as server, wire() as one:
            client = Client(one, Target(server.url), Jar(), Redactor())
            await client.steps((write,))
            stranger = client.stranger()
            shown.append(f"{client.values['marker']} value-1")
            return await stranger.steps((read,)), client, stranger, server

    turn, client, stranger, server = asyncio.run(go())
    assert {cookie.carrier for cookie in client.jar.all()} == {"cookie", "header", "url"}
    sent = server.requests[1]
    assert sent.startswith(b"GET /b HTTP")
    assert not any(text in sent for text in (b"Cookie", b"header-session", b"value-1", b"0123456789ABCDEF"))
    assert turn.ok
    assert client.values["marker"] not in stranger.values.values()


def test_what_a_stranger_is_given_is_not_the_others() -> None:
    """Both go on with their own values."""

    async def go() -> tuple[Client, Client]:
        count = iter("12")
        async with serve(lambda _: reply(200, f"<b>{next(count)}</b>")) as server, wire() as one:
            client = Client(one, Target(server.url), Jar(), Redactor())
            stranger = client.stranger()
            for each in (client, stranger):
                await each.steps((Step("/a", extract={"token": Extract(css="b")}),))
            return client, stranger

    client, stranger = asyncio.run(go())
    assert (client.values["token"], stranger.values["token"]) == ("1", "2")


def test_without_steps_the_url_itself_is_opened() -> None:
    """Whatever its status, it was visited."""
    turn, server = visit(by_path(root=reply(404)))
    assert (turn.ok, turn.status, server.heads) == (True, 404, ["GET / HTTP/1.1"])


def test_a_closed_connection_is_a_refusal() -> None:
    """Which is an observation about the peer."""
    turn, _ = visit(lambda _: CLOSE, Step("/a"))
    assert (turn.response, turn.refused, turn.results[0].why) == (None, True, "unreachable")


def test_the_budget_bounds_all_clients() -> None:
    """Redirects count, and the request after the last is not sent."""
    budget = Budget(2, 60)
    with pytest.raises(Spent):
        visit(by_path(a=reply(302, "", "Location: /a")), Step("/a"), budget=budget)


def test_the_budget_ends_with_its_time() -> None:
    """Counted from the first request."""

    async def go() -> None:
        budget = Budget(10, 0.01)
        budget.take()
        await asyncio.sleep(0.02)
        budget.take()

    with pytest.raises(Spent):
        asyncio.run(go())


def test_a_browser_refuses_what_a_raw_jar_keeps() -> None:
    """Why is kept with the cookie."""
    answer = by_path(a=reply(200, "", "Set-Cookie: s=1; Secure"), b=reply())
    turn, server = visit(answer, Step("/a"), Step("/b"))
    assert turn.settings[0].refused == "Secure set over plain HTTP"
    assert b"Cookie" not in server.requests[1]
    _, server = visit(answer, Step("/a"), Step("/b"), jar=RawJar())
    assert b"Cookie: s=1" in server.requests[1]


@pytest.mark.parametrize(
    ("cookie", "deletes"),
    [
        ("s=; Max-Age=0", True),
        ("s=deleted; Expires=Thu, 01 Jan 1970 00:00:01 GMT", True),
        ("s=abc; Max-Age=60", False),
        ("s=abc", False),
    ],
)
def test_deletions_are_told_from_cookies(cookie: str, *, deletes: bool) -> None:
    """By what servers send to delete."""
    turn, _ = visit(by_path(a=reply(200, "", f"Set-Cookie: {cookie}")), Step("/a"))
    assert turn.settings[0].deletes is deletes


def test_a_client_hides_what_it_learns() -> None:
    """Cookies, and what steps extract; not the name of a server, nor a cookie that is declared to name nodes."""
    redactor = Redactor(naming=frozenset({"NODE"}))
    body = reply(200, '{"csrf": "t0ken-of-a-form"}', "Set-Cookie: s=s%3A0123.abc", "Set-Cookie: NODE=node-7f3a9b12",
                 "Set-Cookie: JSESSIONID=0123456789ABCDEF.app1-7f3a")  # fmt: skip

    async def go() -> None:
        async with serve(by_path(a=body)) as server, wire() as one:
            step = Step("/a", extract={"csrf": Extract(json="/csrf")})
            await Client(one, Target(server.url), Jar(), redactor).steps((step,))

    asyncio.run(go())
    shown = redactor.scrub("t0ken-of-a-form s%3A0123.abc s:0123.abc 0123456789ABCDEF.app1-7f3a node-7f3a9b12")
    assert shown.endswith(" node-7f3a9b12")
    assert not {"t0ken", "0123"} & {shown[index : index + length] for index in range(len(shown)) for length in (4, 5)}


def test_withheld_cookies_stay_in_the_jar() -> None:
    """The client has them and does not send them."""

    async def go() -> list[bytes]:
        answer = by_path(a=reply(200, "", "Set-Cookie: s=1", "Set-Cookie: lb=2"), b=reply())
        async with serve(answer) as server, wire() as one:
            client = Client(one, Target(server.url), Jar(), Redactor(), withheld=("lb",))
            await client.steps((Step("/a"), Step("/b")))
            assert client.jar.names() == ("s", "lb")
            return server.requests

    assert b"Cookie: s=1\r\n" in asyncio.run(go())[1]


def test_a_declared_cookie_header_is_kept_beside_the_jars() -> None:
    """One header holds both."""

    async def go() -> list[bytes]:
        answer = by_path(a=reply(200, "", "Set-Cookie: s=1"), b=reply())
        async with serve(answer) as server, wire() as one:
            target = Target(server.url, (("Cookie", "gate=open"), ("X-Env", "staging")))
            await Client(one, target, Jar(), Redactor()).steps((Step("/a"), Step("/b")))
            return server.requests

    first, second = asyncio.run(go())
    assert b"Cookie: gate=open\r\n" in first
    assert b"Cookie: gate=open; s=1\r\n" in second
    assert b"X-Env: staging\r\n" in second


def test_fetch_says_why_there_is_no_response() -> None:
    """For the first visit of all, which is nothing without one."""

    async def go() -> None:
        async with wire() as one:
            await Client(one, Target("http://127.0.0.1:1/"), Jar(), Redactor()).fetch(Request("http://127.0.0.1:1/"))

    with pytest.raises(Unreachable, match="refused"):
        asyncio.run(go())


def test_a_target_moves_with_a_redirect_to_https() -> None:
    """Its path stays, both are entry points, and the Origin is the new one."""
    target = Target("http://a.test/shop/", entry_points=frozenset({"a.test:443"}), origin="http://a.test")
    moved = target.moved_to("https://a.test/shop/home?x=1")
    assert (moved.url, moved.origin) == ("https://a.test/shop/", "https://a.test")
    assert moved.entry_points == {"a.test:80", "a.test:443"}
    assert target.moved_to("http://a.test/other") == target
    assert replace(target, origin="").moved_to("https://a.test/").origin == ""


PAGE_FORM = '<form method=post action="/send?a=1"><input type=hidden name=csrf value=v1><input name=item></form>'


def test_the_form_of_the_page_before_is_sent() -> None:
    """With what the page has filled in, to where the page says, declared values on top."""
    auto = Step(form=dict(AUTO), fields={"item": "{marker}"})
    turn, server = visit(by_path(a=reply(200, PAGE_FORM), **{"send?a=1": reply()}), Step("/a"), auto)
    assert turn.ok
    assert server.heads[1] == "POST /send?a=1 HTTP/1.1"
    assert server.requests[1].partition(b"csrf=v1&item=sd")[1]


def test_a_declared_form_may_be_sent_to_where_the_page_says() -> None:
    """`path: "{action}"`."""
    step = Step("{action}", "POST", form={"item": "x"})
    turn, server = visit(by_path(a=reply(200, PAGE_FORM), **{"send?a=1": reply()}), Step("/a"), step)
    assert turn.ok
    assert server.requests[1].startswith(b"POST /send?a=1 ")
    assert server.requests[1].endswith(b"item=x")


@pytest.mark.parametrize(
    ("page", "trouble"),
    [
        ("no form", "the form of the page: the page /a has no form"),
        ("<form action=http://evil.test/>", "the form of the page: the form on /a is sent to another site"),
    ],
)
def test_a_form_that_is_not_there_or_leaves_is_not_sent(page: str, trouble: str) -> None:
    """A password goes nowhere else."""
    turn, server = visit(by_path(a=reply(200, page)), Step("/a"), Step(method="POST", form=dict(AUTO)))
    assert (turn.ok, turn.results[-1].why, turn.trouble) == (False, "form", trouble)
    assert len(server.requests) == 1


def test_an_empty_value_is_a_value() -> None:
    """A token that is empty goes back empty; one that is not there ends the flow."""
    form = Step("/a", extract={"t": Extract(css="input[name=t]")})
    turn, _ = visit(by_path(a=reply(200, "<input name=t value>"), b=reply()), form, Step("/b?t={t}"))
    assert turn.results[0].ok
    turn, _ = visit(by_path(a=reply(200, "<input name=s>")), form)
    assert turn.trouble == "GET /a: there is no value for {t} (css: input[name=t])"
