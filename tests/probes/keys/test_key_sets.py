"""Key sets by discovery: where they are found, who is asked, and what is no key set."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable, Undeclared
from sessiondoctor.probes.contract import Absent
from sessiondoctor.probes.keys import key_sets
from sessiondoctor.topology.model import nowhere
from sessiondoctor.topology.steps import Flow
from tests.fakes.cluster import Call, Reply
from tests.fakes.counter_site import Racer, Run

if TYPE_CHECKING:
    from sessiondoctor.evidence.keys.key_sets import KeySets

CONFIGURATION = "/.well-known/openid-configuration"


class Issuer(Racer):
    """A node that publishes keys; `document` is its configuration, `keys` its set."""

    document: Any = None
    keys: Any = None

    async def __call__(self, call: Call) -> Reply:
        """Answer."""
        if call.path == CONFIGURATION:
            return Reply(body=json.dumps(self.document))
        return Reply(body=json.dumps(self.keys)) if call.path == "/keys?x=1" else Reply(404, "no")


def issuer(name: str = "app1", keys: Any = None, document: Any = None) -> Issuer:
    """One node."""
    found = Issuer(name)
    found.keys = {"keys": [{"kid": "one", "kty": "RSA"}]} if keys is None else keys
    found.document = {"jwks_uri": "https://id.example.com/keys?x=1"} if document is None else document
    return found


def read(nodes: list[Issuer], *, direct: bool = True) -> KeySets:
    """What is found; never more requests than planned."""
    turns = itertools.cycle(nodes)

    async def balance(call: Call) -> Reply:
        return await next(turns)(call)

    found: KeySets = Run(balance, list(nodes) if direct else [], Flow()).of(key_sets.plan)
    return found


OTHER = {"keys": [{"kid": "two"}, {"kid": "one"}]}


def test_each_node_is_asked_for_its_own() -> None:
    """By the path that the first one names, at the node's own address."""
    found = read([issuer("app1"), issuer("app2", OTHER)])
    assert {one.node: one.ids for one in found.answers} == {"app1": ("one",), "app2": ("one", "two")}


def test_the_entry_is_asked_several_times_where_no_node_can_be() -> None:
    """A balancer shows more than one."""
    found = read([issuer("app1"), issuer("app2", OTHER)], direct=False)
    assert {one.ids for one in found.answers} == {("one",), ("one", "two")}
    assert {one.node for one in found.answers} == {""}


def test_keys_without_an_id_are_told_apart() -> None:
    """By what a thumbprint is made of; private members are none of it."""
    keys: Any = ({"kty": "oct", "x": "1"}, {"kty": "oct", "x": "2"}, {"kty": "oct", "x": "1", "d": "secret"})
    found = read([issuer(f"app{number}", {"keys": [key]}) for number, key in enumerate(keys)])
    ids = [one.ids for one in found.answers]
    assert ids[0] == ids[2] != ids[1]
    assert "secret" not in repr(found)


@pytest.mark.parametrize("document", [[], "x", {}, {"jwks_uri": 7}, {"jwks_uri": "::"}, {"jwks_uri": "ftp://x/keys"}])
def test_no_configuration_is_nothing_to_look_at(document: Any) -> None:
    """As on most sites; one request was sent."""
    with pytest.raises(Undeclared):
        read([issuer(document=document)])


@pytest.mark.parametrize("keys", [[], {"keys": []}, {"keys": "x"}, {"keys": ["x", 1]}, {}])
def test_what_is_no_key_set_is_unavailable(keys: Any) -> None:
    """The configuration names it."""
    with pytest.raises(Unavailable, match="cannot be read"):
        read([issuer(keys=keys)])


def test_files_alone_have_no_key_set() -> None:
    """Nobody is asked."""
    (entry,) = key_sets.plan(nowhere(), Options())
    assert isinstance(entry, Absent)
