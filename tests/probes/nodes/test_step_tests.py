from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace

import pytest

from sessiondoctor.evidence.nodes.step_tests import StepTest, StepTests
from sessiondoctor.probes.nodes import step_tests
from sessiondoctor.topology.steps import Extract, Flow, Step
from tests.fakes.cluster import Call, Cluster, Reply, Shop

FORM = Step("/form", extract={"csrf": Extract(regex='value="([^"]+)"')})
SEND = Step("/form", "POST", form={"csrf": "{csrf}", "item": "{marker}"})
READ = Step("/cart", expect="{marker}")
FLOW = Flow(write=(FORM, SEND), read=(READ,))
SIGN_IN = Step("/form", "POST", form={"csrf": "{csrf}", "user": "u", "password": "p"})
LOGIN = Flow(login=(FORM, SIGN_IN), logged_in=(Step("/cart", expect="hello"),))


@dataclass(slots=True)
class Shield:
    """A node whose form has a token that only itself knows."""

    name: str
    tokens: set[str] = field(default_factory=set)
    carts: dict[str, str] = field(default_factory=dict)
    refusal: Reply = field(default_factory=lambda: Reply(403, "<title>Forbidden</title><h1>CSRF token invalid</h1>"))
    asked: list[str] = field(default_factory=list)

    def __call__(self, call: Call) -> Reply:
        """Answer."""
        self.asked.append(f"{call.method} {call.path}")
        if call.path == "/cart":
            return Reply(body=self.carts.get(call.cookies.get("sid", ""), "nothing"))
        if call.method == "GET":
            token = secrets.token_hex(16)
            self.tokens.add(token)
            return Reply(body=f'<form><input name="csrf" value="{token}"></form>')
        found = re.search(r"csrf=(\w+)", call.body)
        if not found or found[1] not in self.tokens:
            return self.refusal
        sid, item = secrets.token_hex(16), re.search(r"item=(\w+)", call.body)
        self.carts[sid] = f"hello {item[1] if item else ''}"
        return Reply(303, headers=(("Location", "/cart"), ("Set-Cookie", f"sid={sid}; Path=/; HttpOnly")))


def shared_by(one: Shield, other: Shield, flow: Flow = FLOW) -> StepTests:
    """What is seen of two nodes."""
    cluster = Cluster(one, [Shop("app1"), Shop("app2")], flow=flow, instead={"app1": one, "app2": other})
    seen: StepTests = cluster.evidence(step_tests)
    return seen


def test_a_form_that_another_node_made_is_refused() -> None:
    """With the status and the words of the refusal, in both directions."""
    seen = shared_by(Shield("app1"), Shield("app2"))
    assert seen.whole == ("app1", "app2")
    assert seen.tests == (
        StepTest("app1", "app2", "POST /form", "refused", 403, "Forbidden"),
        StepTest("app2", "app1", "POST /form", "refused", 403, "Forbidden"),
    )


def test_what_nodes_share_is_accepted() -> None:
    """Tokens and carts of either node."""
    one = Shield("app1")
    seen = shared_by(one, replace(one, name="app2"))
    assert [test.state for test in seen.tests] == ["accepted", "accepted"]


def test_the_login_page_again_is_a_refusal() -> None:
    """It answers 200, and has a field for a password."""
    page = Reply(body='<form><input type="password" name="password"></form>')
    seen = shared_by(Shield("app1"), Shield("app2", refusal=page))
    assert seen.tests[0] == StepTest("app1", "app2", "POST /form", "refused", 200, "the login page again")


def test_a_login_is_tried_across_nodes_once() -> None:
    """One on the node that began it, one in two parts: no account is locked by that."""
    one, other = Shield("app1"), Shield("app2")
    seen = shared_by(one, other, LOGIN)
    assert [(test.begun_on, test.sent_to, test.state) for test in seen.tests] == [("app1", "app2", "refused")]
    assert (one.asked.count("POST /form"), other.asked.count("POST /form")) == (1, 1)


def test_a_flow_that_works_nowhere_says_nothing_about_nodes() -> None:
    """It may be declared wrongly."""
    wrong = replace(SEND, form={"item": "{marker}"})
    assert shared_by(Shield("app1"), Shield("app2"), replace(FLOW, write=(FORM, wrong))) == StepTests()


@pytest.mark.parametrize("flow", [Flow(write=(SEND,), read=(READ,)), Flow(login=(SIGN_IN,), write=(FORM, SEND))])
def test_a_flow_without_an_opening_step_cannot_be_cut(flow: Flow) -> None:
    """There is nothing that one node could begin."""
    assert step_tests.cut_of(flow) is None
