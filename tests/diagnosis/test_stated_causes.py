"""No report states a cause whose precondition is not there; over JSON reports as users get them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.diagnosis.opinion import Opinion, diagnose
from sessiondoctor.diagnosis.preconditions import PRECONDITIONS
from sessiondoctor.diagnosis.scene import Scene
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.responses.cookie import Cookie
from sessiondoctor.model import STATED
from sessiondoctor.topology.model import Node, Site, Topology, bare
from tests.diagnosis.build import check, judged

CATALOGUE = Catalogue((builtin(),))
SAMPLES = sorted((Path(__file__).parents[2] / "sample_reports").rglob("*.json"))
WITH_STORE = {"store-eviction", "redis-oom", "redis-readonly", "store-unreachable", "ttl-shorter-than-idle"}


def contradicted(diagnosis: Any, preconditions: dict[str, str]) -> list[str]:
    """What a stated cause requires, and the site is known not to have."""
    return [name for name in CATALOGUE.causes[diagnosis["cause"]].requires if preconditions.get(name, "") == "no"]


@pytest.mark.parametrize("id_", [id_ for id_, cause in CATALOGUE.causes.items() if cause.role != "advice"])
def test_each_fault_says_what_it_requires(id_: str) -> None:
    """There is no fault that any site can have."""
    assert CATALOGUE.causes[id_].requires


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_sample_states_what_cannot_be(path: Path) -> None:
    """Each stated cause says what it requires, and nothing of that is missing."""
    for stated in json.loads(path.read_text())["diagnosis"]:
        assert contradicted(stated, stated.get("requires", {})) == []


def all_failing() -> list[Any]:
    """Every check of the catalogue fails: whatever can be stated would be."""
    return [judged(one) for one in CATALOGUE.checks.values() if one.role != "blocks"]


@pytest.mark.parametrize(
    "scene",
    [
        Scene(bare("http://shop.test/"), Gathered(()), ("php",)),
        Scene(Topology(Site("http://shop.test/", mode="sticky")), Gathered(()), ("tomcat",)),
        Scene(Topology(Site("https://shop.test/"), nodes=(Node("app1", store="none"),)), Gathered(()), ("express",)),
    ],
    ids=["php", "tomcat", "express"],
)
def test_not_even_where_every_check_fails(scene: Scene) -> None:
    """What the site is known not to have rules a cause out, whatever else speaks for it."""
    found = diagnose(all_failing(), CATALOGUE.causes, scene)
    named = [*(one.cause for one in found.diagnosis), *(one.cause for one in found.differential)]
    answers = {name: precondition(scene) for name, precondition in PRECONDITIONS.items()}
    assert named
    assert [c for c in named if "no" in [answers[name] for name in CATALOGUE.causes[c].requires]] == []
    assert all("no" not in one.requires.values() for one in found.diagnosis)


def test_without_a_store_no_fault_of_a_store() -> None:
    """Nodes that keep sessions in their own memory evict nothing from Redis."""
    nodes = (Node("app1", store="none"), Node("app2", store="none"))
    scene = Scene(Topology(Site("http://shop.test/"), nodes=nodes), Gathered(()), ("express",))
    lost = check("state-lost-in-place", shows="session-lost-at-home")
    found = diagnose([judged(lost)], CATALOGUE.causes, scene)
    assert WITH_STORE.isdisjoint({one.cause for one in found.diagnosis} | {one.cause for one in found.differential})


def of_two_nodes(cookie: Cookie, stack: str) -> Opinion:
    """A session of one node is unknown to the other, and nothing is declared but the two."""
    nodes = (Node("app1"), Node("app2"))
    visits = Visits("http://shop.test/", 200, tls=False, cookies=(cookie,))
    pieces = (Piece(Visits, "site", visits),)
    scene = Scene(Topology(Site("http://shop.test/"), nodes=nodes), Gathered(pieces), (stack,))
    seen = [judged(CATALOGUE.checks["replay-lost-elsewhere"])]
    if cookie.holds_state:
        seen.append(judged(CATALOGUE.checks["client-side-session-rejected"]))
    return diagnose(seen, CATALOGUE.causes, scene)


def test_a_session_wholly_in_the_cookie_is_lost_by_keys() -> None:
    """A node keeps nothing of it that another one could miss."""
    cookie = Cookie("_shop_session", "session", "rails", "sid:1", 400, signed=True, holds_state=True)
    assert CATALOGUE.causes[of_two_nodes(cookie, "rails").diagnosis[0].cause].family == "keys"


def test_a_signed_id_alone_says_little() -> None:
    """Express signs the ids of the sessions in its memory, too."""
    cookie = Cookie("connect.sid", "session", "express-session", "sid:1", 90, signed=True)
    assert of_two_nodes(cookie, "express").diagnosis[0].cause == "lb-no-affinity"


def test_django_by_default_shares_its_sessions() -> None:
    """With an id that says nothing, neither sessions of one node nor keys are the answer yet."""
    found = of_two_nodes(Cookie("sessionid", "session", "django", "sid:1", 42), "django")
    assert all(one.probability < STATED for one in found.diagnosis)
    assert {"lb-no-affinity", "secret-regenerated-at-boot"} <= {one.cause for one in found.diagnosis}
