from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.probes.browser.accounts import Accounts
from sessiondoctor.probes.flows import rehearsal
from sessiondoctor.probes.flows.visitors import Callers
from sessiondoctor.topology.scalars import AUTO
from sessiondoctor.topology.steps import Flow, Step
from tests.fakes.cluster import Call, Reply
from tests.fakes.login_site import LOGGED_IN, LOGIN, NODE, READ, WRITE, Club, Visit, apart, clubs, in_turns

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.evidence.flows.rehearsal import Rehearsal

FLOW = Flow(login=LOGIN, logged_in=LOGGED_IN, write=WRITE, read=READ, node=NODE)
PAGE = "<form method=post action=/note><input name=sku><input type=hidden name=t value=1></form>"


def seen(entry: Any, nodes: list[Club], flow: Flow = FLOW, **settings: Any) -> tuple[Rehearsal, Visit]:
    """What is seen of a run, and by whom."""
    visit = Visit(entry, nodes, flow, **settings)
    found: Rehearsal = visit.run(rehearsal.plan)
    return found, visit


def logins(visit: Visit) -> int:
    """How often somebody tried to log in."""
    return sum(call.method == "POST" and call.path == "/login" for _, call in visit.calls)


def ways(found: Rehearsal) -> list[tuple[str, bool]]:
    """In which ways it was run, and whether it worked."""
    return [(run.way, run.works) for run in found.runs]


def test_a_flow_that_works_is_run_once() -> None:
    """Each step is told with its node, the cookies and the values it brought, and where the marker was."""
    found, visit = seen(in_turns(clubs()), [])
    assert ways(found) == [("site", True)]
    assert (found.works, found.why, found.no_page, logins(visit)) == (True, "", None, 1)
    steps = found.runs[0].steps
    assert [(one.part, one.step, one.status) for one in steps] == [
        ("login", "GET /login", 200),
        ("login", "POST /login", 200),
        ("logged_in", "GET /account", 200),
        ("write", "POST /note", 200),
        ("read", "GET /note", 200),
    ]
    assert steps[0].extracted == ("csrf",)
    assert steps[1].set_cookies == ("PHPSESSID",)
    assert steps[-1].marker == "in its text"
    assert {one.node for one in steps} == {"app1", "app2"}


def test_a_wrong_password_is_tried_twice_and_no_more() -> None:
    """Once on one node, once through the entry, then nobody logs in any more."""
    nodes = clubs(password="another")
    found, visit = seen(in_turns(nodes), nodes)
    assert ways(found) == [("node", False), ("site", False)]
    assert logins(visit) == 2
    assert found.runs[0].refused
    assert found.why == "POST /login: status 403"


def test_a_login_that_needs_one_node_is_no_misunderstanding() -> None:
    """Each node has sessions of its own: the form of one is refused by the other, every time."""
    nodes = apart()
    found, visit = seen(in_turns(nodes), nodes)
    assert ways(found) == [("node", True), ("site", False)]
    assert found.works
    assert logins(visit) == 2


def test_a_flow_that_works_on_a_node_and_at_the_site_needs_no_other_way() -> None:
    """First wholly on one node: whatever is refused at the site then is not the flow's fault."""
    nodes = clubs()
    found, visit = seen(in_turns(nodes), nodes)
    assert ways(found) == [("node", True), ("site", True)]
    assert logins(visit) == 2


def test_without_node_urls_somebody_else_comes_between() -> None:
    """A balancer that takes turns among two nodes then leads all steps to one."""
    nodes = apart()
    found, visit = seen(in_turns(nodes), [])
    assert ways(found) == [("site", False), ("apart", True)]
    assert logins(visit) == 2


def signing(count: int) -> list[Any]:
    """Nodes with a key each: a login's cookie names its node, and another node clears it."""

    def node(name: str) -> Any:
        def answer(call: Call) -> Reply:
            cookie = call.cookies.get("id", "")
            if call.method == "POST":
                return Reply(302, headers=(("Location", "/home"), ("Set-Cookie", f"id={name}-0123456789; Path=/")))
            known, clears = cookie.startswith(name), ("Set-Cookie", "id=; Max-Age=0; Path=/")
            status = 403 if call.path == "/account" and not known else 200
            return Reply(status, "Sign out" if known else "", (clears,) if cookie and not known else ())

        return answer

    return [node(f"app{number}") for number in range(count)]


def test_a_login_that_the_next_node_clears_is_made_anew_apart() -> None:
    """A session that nobody ever saw is not lent: it is the one without a cookie."""
    flow = Flow(login=(Step("/login", "POST", form={"user": "a"}),), logged_in=LOGGED_IN)
    found, visit = seen(in_turns(signing(2)), [], flow)
    assert ways(found) == [("site", False), ("apart", True)]
    assert logins(visit) == 2


@pytest.mark.parametrize(
    ("others", "way"),
    [
        (("/wp-admin", "/"), "apart"),  # one of its paths fits
        (("/account",), "apart"),  # the page that sets it is none of them, a later one is
        (("/elsewhere",), "raw"),
    ],
)
def test_a_cookie_that_some_page_is_sent_is_not_dropped(others: tuple[str, ...], way: str) -> None:
    """WordPress sets one name for the paths of its administration and of its plugins."""

    def site(call: Call) -> Reply:
        headers = tuple(("Set-Cookie", f"sid=0123456789abcdef; Path={path}") for path in others)
        return Reply(headers=headers if call.method == "POST" else ())

    flow = Flow(login=(Step("/login", "POST", form={"user": "a"}),), logged_in=LOGGED_IN)
    found, _ = seen(site, [], flow)
    assert [run.way for run in found.runs] == ["site", way]
    assert any(step.dropped for step in found.runs[0].steps) == (way == "raw")


def test_a_look_that_meets_another_node_is_repeated() -> None:
    """Sessions of their own, a login of one step: one of a few looks meets the right node."""
    nodes = apart(token_in="nowhere")
    flow = Flow(write=WRITE, read=READ, node=NODE)
    found, _ = seen(in_turns(nodes), [], flow)
    assert found.works
    assert [one.marker for one in found.runs[0].steps if one.part == "read"][-1] == "in its text"


def test_a_field_of_another_name_is_said() -> None:
    """The page's own form tells."""
    kept: list[str] = []

    def site(call: Call) -> Reply:
        if call.method == "POST" and "sku=" in call.body:
            kept.append(call.body.partition("sku=")[2])
        return Reply(200, PAGE + "".join(kept), (("Content-Type", "text/html"),))

    wrong = Flow(write=(Step("/note", "POST", form={"item": "{marker}"}),), read=READ)
    found, _ = seen(site, [], wrong)
    assert not found.works
    assert found.why.endswith("the form on /note has `sku`, not `item`")
    assert found.runs[0].certain
    right = Flow(write=(Step("/note"), Step(form=dict(AUTO), fields={"sku": "{marker}"})), read=READ)
    assert seen(site, [], right)[0].works


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        ("<b>Sign</b> out", "text/html", "the page has it with markup or spaces in between"),
        ("SIGN OUT", "text/html", "the page has it in other letter case"),
        ("<form action=/in><input type=password name=p></form>", "text/html", "it is the login page /account"),
        ("nothing", "text/plain", "GET /account answered 200, text/plain, 7 bytes"),
    ],
)
def test_a_text_in_another_form_is_said(body: str, kind: str, why: str) -> None:
    """Where the page has it, or what came instead; the login is tried a second time, apart, and no more."""

    def site(call: Call) -> Reply:
        headers = (("Content-Type", kind),)
        return Reply(200, body, headers) if call.path == "/account" else Reply(200, "ok", headers)

    found, visit = seen(site, [], Flow(login=LOGIN[1:], logged_in=LOGGED_IN))
    assert found.why == f"GET /account: the expected text is not there; {why}"
    assert logins(visit) == 2


def test_a_missing_token_and_a_locked_account_are_said() -> None:
    """In the words of the page."""

    def strict(call: Call) -> Reply:
        return Reply(403, "CSRF verification failed") if call.method == "POST" else Reply()

    flow = Flow(login=(Step("/login", "POST", form={"user": "a"}),), logged_in=LOGGED_IN)
    assert seen(strict, [], flow)[0].why == "POST /login: status 403; it wants a token, which the step does not send"
    locked = lambda call: Reply(403 if call.method == "POST" else 200, "Your account is locked.")  # noqa: E731
    assert "it says 'account is locked'" in seen(locked, [], flow)[0].why


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (401, (), "/ answered 401 to every request: add credentials (-u)"),
        (429, (), "/ answered 429 to every request: slower, --rate"),
        (503, (), "/ answers 503 from the balancer: no node takes its requests"),
        (500, (), "/ answered 500 to every client without a cookie: see its log"),
        (301, (("Location", "https://www.shop.test/x?a=1"),), "/ redirects to https://www.shop.test/x: scan that URL"),
    ],
)
def test_what_is_no_page_is_said(status: int, headers: tuple[tuple[str, str], ...], said: str) -> None:
    """And nothing that contacts the site is asked after that."""
    found, _ = seen(lambda _: Reply(status, "no", headers), [], Flow())
    assert str(found.no_page).endswith(said)
    assert found.barred == (found.place, str(found.no_page))


def test_one_error_in_three_is_no_site_without_pages() -> None:
    """A node may fail where others do not."""
    answers = iter([500, 200, 200])
    found, _ = seen(lambda _: Reply(next(answers, 200)), [], Flow())
    assert found.no_page is None


def test_a_landing_page_that_is_missing_bars_nothing_where_the_flow_works() -> None:
    """An API has none."""
    node = clubs(1)[0]
    found, _ = seen(lambda call: Reply(404) if call.path == "/" else node(call), [], replace(FLOW, node=None))
    assert (found.works, found.no_page) == (True, None)


def test_a_session_that_somebody_ended_is_made_again() -> None:
    """One that lives is lent; a node that cannot read a session may end it for all."""
    nodes = clubs(1)

    async def twice(context: Context) -> list[int]:
        accounts, counted = Accounts.of(context), []
        for _ in range(3):
            callers = Callers.within(rehearsal.bounds_of(context.topology), context)
            client, _ = await callers.landed()
            assert (await accounts.enter(client)).ok
            counted.append(accounts.logins)
            if len(counted) == 2:
                nodes[0].sessions.clear()
        return counted

    assert Visit(nodes[0], [], FLOW).run(rehearsal.plan, twice) == [1, 1, 2]
