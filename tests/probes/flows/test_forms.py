from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.contract import Absent
from sessiondoctor.probes.flows import forms
from sessiondoctor.topology.model import bare
from sessiondoctor.topology.steps import Extract, Flow, Step
from tests.fakes.cluster import Reply
from tests.fakes.login_site import FORM, LOGIN, NODE, READ, WRITE, Club, Visit, apart, clubs, in_turns
from tests.probes.browser.test_extract import response

if TYPE_CHECKING:
    from sessiondoctor.evidence.flows.forms import Forms

FLOW = Flow(write=WRITE, read=READ, form=FORM, node=NODE)


def found(nodes: list[Club], entry: Any = None, flow: Flow = FLOW, **settings: Any) -> Forms:
    """What is seen of forms; the first node is the entry unless said otherwise."""
    evidence: Forms = Visit(entry or nodes[0], nodes, flow, **settings).run(forms.plan)
    return evidence


def states(seen: Forms) -> dict[str, str]:
    """The state of each direct try."""
    return {f"{one.opened_on}>{one.sent_to}": one.state for one in seen.direct}


def test_forms_that_belong_to_a_shared_session() -> None:
    """All are accepted, wherever they come from."""
    nodes = clubs(3)
    seen = found(nodes, in_turns(nodes))
    assert {one.state for one in seen.through_entry} == {"accepted"}
    assert len(seen.through_entry) == 4
    assert set(states(seen).values()) == {"accepted"}
    assert len(seen.direct) == 9
    assert {one.session_kept for one in (*seen.through_entry, *seen.direct)} == {True}
    assert {one.status for one in seen.direct} == {200}
    assert (seen.tokens_shared, seen.cached) == (0, False)


def test_forms_that_belong_to_one_nodes_memory() -> None:
    """Another node refuses them, although it knows the session."""
    seen = found(clubs(2, token_in="node"))
    assert states(seen) == {
        "app1>app1": "accepted",
        "app2>app2": "accepted",
        "app1>app2": "rejected",
        "app2>app1": "rejected",
    }
    refused = [one for one in seen.direct if one.state == "rejected"]
    assert {(one.status, one.session_kept, one.trouble) for one in refused} == {(403, True, "")}


def test_clients_of_a_balancer_without_affinity_meet_it() -> None:
    """The first client is alone and goes from node to node; the evidence names both."""
    nodes = clubs(2, token_in="node")
    first = found(nodes, in_turns(nodes)).through_entry[0]
    assert first.opened_on != first.sent_to
    assert {first.opened_on, first.sent_to} == {"app1", "app2"}
    assert (first.state, first.session_kept) == ("rejected", True)


def test_forms_whose_session_is_not_known_elsewhere() -> None:
    """The state is gone as well: the form is only where it shows first."""
    refused = [one for one in found(apart(2)).direct if one.state == "rejected"]
    assert {(one.opened_on, one.sent_to) for one in refused} == {("app1", "app2"), ("app2", "app1")}
    assert {one.session_kept for one in refused} == {False}


def test_a_cached_form() -> None:
    """Four new clients are shown one token, and the page says that it may be kept."""
    headers = (("Cache-Control", "public, max-age=600"), ("X-Cache", "HIT"))
    seen = found(clubs(1, token_in="nowhere", headers=headers))
    assert (seen.tokens_shared, seen.cached) == (4, True)


def test_without_state_the_form_alone_is_followed() -> None:
    """Whether the session survived was not asked."""
    seen = found(clubs(2, token_in="node"), flow=Flow(form=FORM))
    assert states(seen)["app1>app2"] == "rejected"
    assert {one.session_kept for one in seen.direct} == {None}


def test_a_form_behind_a_login() -> None:
    """The client logs in first, directly as well."""
    nodes = clubs(2)
    seen = found(nodes, flow=Flow(login=LOGIN, write=WRITE, read=READ, form=FORM, node=NODE))
    assert set(states(seen).values()) == {"accepted"}
    assert {one.state for one in seen.through_entry} == {"accepted"}


def test_a_form_that_is_not_where_it_should_be() -> None:
    """The flow is to blame, not the form: unknown, with the reason."""
    wrong = (Step("/gone", extract={"csrf": Extract(css="input")}), FORM[1])
    seen = found(clubs(2), flow=Flow(write=WRITE, read=READ, form=wrong))
    assert {(one.state, one.status, one.trouble) for one in (*seen.through_entry, *seen.direct)} == {
        ("unknown", 404, "GET /gone: status 404")
    }


def test_a_node_that_refuses_or_fails_is_in_error() -> None:
    """The other nodes are judged without it."""
    nodes = clubs(3)
    nodes[2].status = 500
    seen = states(found(nodes, dead=frozenset({"app2"})))
    assert {name for name, state in seen.items() if state == "accepted"} == {"app1>app1"}
    assert set(seen.values()) == {"accepted", "error"}
    assert len(seen) == 9


def test_a_site_that_does_not_answer_is_no_evidence() -> None:
    """Could not look."""
    nodes = clubs(1)
    with pytest.raises(Unavailable):
        found(nodes, lambda _: Reply(0), dead=frozenset({"app1"}))


def test_redirects_without_end_stay_within_the_plan() -> None:
    """Each request leads to another: some tries find the budget used up, and no request more is sent than planned."""

    def site(call: Any) -> Reply:
        return Reply(302, headers=(("Location", f"{call.path}x"),))

    steps = (Step("/pay"), Step("/pay", "POST", form={"a": "b"}), Step("/pay", "POST", status=200))
    visit = Visit(site, [], Flow(form=steps))
    seen: Forms = visit.run(forms.plan)
    assert visit.asked["site"] >= 4 * 6
    assert not [one for one in seen.through_entry if one.state == "accepted"]


def test_a_token_in_a_cookie_and_a_header() -> None:
    """The cookie is set once; later steps find it in the jar, decoded as a script does it."""
    asked: list[str] = []

    def site(call: Any) -> Reply:
        if call.method == "POST":
            asked.append(call.headers.get("x-xsrf-token", ""))
            return Reply(200 if asked[-1] == "canary/token==" else 419)
        return Reply(200, "form") if call.cookies.get("XSRF-TOKEN") else _with_token()

    open_and_send = (
        Step("/pay", extract={"csrf": Extract(cookie="XSRF-TOKEN")}),
        Step("/pay", "POST", headers={"X-XSRF-TOKEN": "{csrf}"}),
    )
    seen: Forms = Visit(site, [], Flow(form=open_and_send)).run(forms.plan)
    assert {one.state for one in seen.through_entry} == {"accepted"}
    assert asked == ["canary/token=="] * 4
    assert "canary" not in repr(seen)


def _with_token() -> Reply:
    return Reply(200, "form", (("Set-Cookie", "XSRF-TOKEN=canary%2Ftoken%3D%3D; Path=/"),))


@pytest.mark.parametrize(
    ("status", "state"),
    [(400, "rejected"), (419, "rejected"), (440, "rejected"), (422, "rejected"), (404, "unknown"), (429, "error"),
     (500, "error"), (200, "accepted")],
)  # fmt: skip
def test_what_an_answer_to_a_form_means(status: int, state: str) -> None:
    """Some refuse it, others say nothing about it."""
    steps = (Step("/pay"), Step("/pay", "POST", form={"a": "b"}))
    seen: Forms = Visit(lambda call: Reply(status if call.method == "POST" else 200), [], Flow(form=steps)).run(
        forms.plan
    )
    assert {one.state for one in seen.through_entry} == {state}


def test_being_sent_to_the_login_page_is_a_no() -> None:
    """Whatever its status."""

    def site(call: Any) -> Reply:
        return Reply(302, headers=(("Location", "/login"),)) if call.method == "POST" else Reply(200, "page")

    seen: Forms = Visit(site, [], Flow(form=(Step("/pay"), Step("/pay", "POST")))).run(forms.plan)
    assert {one.state for one in seen.through_entry} == {"rejected"}


@pytest.mark.parametrize(
    ("header", "value", "cached"),
    [
        ("Cache-Control", "public", True),
        ("Cache-Control", "max-age=60", True),
        ("Cache-Control", "public, max-age=0, s-maxage=60", True),
        ("Cache-Control", 'S-MaxAge="60"', True),
        ("Cache-Control", "public, max-age=0", False),
        ("Cache-Control", "max-age=60, s-maxage=0", False),
        ("Cache-Control", "private, max-age=60", False),
        ("Cache-Control", "public, no-store", False),
        ("Cache-Control", "no-cache", False),
        ("Cache-Control", "max-age=soon", False),
        ("X-Cache", "Hit from cloudfront", True),
        ("X-Cache", "TCP_HIT from a", True),
        ("CF-Cache-Status", "HIT", True),
        ("X-Cache", "MISS", False),
        ("Age", "12", True),
        ("Age", "0", False),
    ],
)
def test_what_says_that_a_cache_keeps_a_page(header: str, value: str, cached: bool) -> None:  # noqa: FBT001 - a table
    """RFC 9111 and the usual headers."""
    assert forms._is_cached(response("", (header, value))) is cached


@pytest.mark.parametrize(("count", "total"), [(0, 0), (1, 1), (2, 4), (4, 16), (5, 15), (6, 18), (12, 24), (20, 40)])
def test_pairs_grow_with_the_nodes_and_no_faster(count: int, total: int) -> None:
    """All pairs up to four nodes, then rings: each node opens as often as it is sent to."""
    chosen = forms.pairs(count)
    assert len(chosen) == len(set(chosen)) == total
    assert len({sum(one == n for one, _ in chosen) for n in range(count)}) <= 1
    assert len({sum(one == n for _, one in chosen) for n in range(count)}) <= 1


@pytest.mark.parametrize("steps", [(), (Step("/pay", "POST"),)])
def test_nothing_is_planned_without_a_form(steps: tuple[Step, ...]) -> None:
    """A form is opened and sent: two steps."""
    topology = bare("http://shop.test/")
    (absent,) = forms.plan(type(topology)(type(topology.site)(topology.site.url, flow=Flow(form=steps))), Options())
    assert isinstance(absent, Absent)
    assert "site.flow.form" in absent.hint
