from __future__ import annotations

import pytest

from sessiondoctor.probes.browser.strangers import can_take, names_sent, shows_writer, writes_own
from sessiondoctor.topology.scalars import AUTO
from sessiondoctor.topology.steps import Extract, Step

KNOWN = ("marker", "jwt")
BEARER = {"Authorization": "Bearer {jwt}"}
SEEN = Step("/cart", expect="{marker}")


@pytest.mark.parametrize(
    "step",
    [
        Step("/carts/{jwt}"),
        Step("/cart", query={"t": "{jwt}"}),
        Step("/cart", "POST", form={"t": "{jwt}"}),
        Step("/cart", "POST", form=AUTO, fields={"t": "{jwt}"}),
        Step("/cart", "POST", json={"a": [{"t": "x{jwt}"}]}),
        Step("/cart", headers=BEARER),
    ],
)
def test_wherever_a_value_is_sent_it_is_seen(step: Step) -> None:
    """A new client cannot take such a step."""
    assert names_sent(step) == {"jwt"}
    assert not can_take((step,), KNOWN)


def test_what_is_compared_is_not_sent() -> None:
    """The marker is looked for in the response; braces that nobody fills in are text."""
    assert can_take((SEEN,), KNOWN)
    assert can_take((Step("/graphql", "POST", json={"query": "{me{cart}}"}, expect="{marker}"),), KNOWN)
    assert not can_take((Step("/echo", query={"q": "{marker}"}, expect="{marker}"),), KNOWN)


def test_what_a_new_client_is_given_itself_it_may_send() -> None:
    """As the token of a page; but only after it was given that."""
    gives, sends = Step("/", extract={"jwt": Extract(json="/t")}), Step("/cart", headers=BEARER)
    assert can_take((gives, sends), KNOWN)
    assert not can_take((sends, gives), KNOWN)


def test_the_page_before_is_another_clients() -> None:
    """Its form has that one's hidden fields."""
    form = Step(form=AUTO)
    assert not can_take((form,), KNOWN)
    assert can_take((Step("/"), form), KNOWN)


def test_text_for_everybody_shows_no_writer() -> None:
    """Nor does what somebody sees who sends the same declared credentials."""
    assert shows_writer((Step("/"), SEEN), (("X-Forwarded-Proto", "https"),))
    assert shows_writer((Step("/", expect_regex="<li>{marker}"),), ())
    assert not shows_writer((Step("/", expect="welcome"),), ())
    assert not shows_writer((SEEN,), (("authorization", "Bearer fixed"),))
    assert not shows_writer((Step("/", headers={"Cookie": "sid=fixed"}, expect="{marker}"),), ())


def test_a_client_writes_its_own_where_the_marker_is_sent() -> None:
    """In a form, a path, JSON; a page that is only opened is the same for all."""
    assert writes_own([Step("/cart", "POST", form={"item": "{marker}"})])
    assert writes_own([Step("/page?id={marker}")])
    assert writes_own([Step("/a"), Step("/b", "POST", json={"a": {"b": "{marker}"}})])
    assert not writes_own([Step("/login", extract={"token": Extract(css="[name=t]")})])
    assert not writes_own([])
