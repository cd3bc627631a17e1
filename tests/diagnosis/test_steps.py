"""What to ask next where a product is known and nothing shows whether a session is kept."""

from __future__ import annotations

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.diagnosis.scene import Scene
from sessiondoctor.diagnosis.steps import _step_in, product_first
from sessiondoctor.evidence.gathered import Gathered
from sessiondoctor.model import Confidence, Finding, NextStep, Severity, Status
from sessiondoctor.pipeline.judge import Judged
from sessiondoctor.products.page import Product, Setting, State
from sessiondoctor.topology.model import Site, Topology
from sessiondoctor.topology.steps import Flow, Step

KEY = Setting("SECRET_KEY", "", "it signs sessions", ("signing-secret-mismatch",))
PRODUCT = Product("shop", "Shop", "", (), (), (), State("cookie", "x"), (KEY,), "no")
SIGNED_IN = {"login": {"path": "/login"}, "logged_in": {"path": "/account"}}
OTHERS = (
    NextStep("client-moves", 1.2, "add node URLs"),
    NextStep("state-lost-on-move", 0.9, "declare site.flow"),
    NextStep("clocks-apart", 0.5, "declare time.servers"),
)


def scene(product: Product | None, **flow: tuple[Step, ...]) -> Scene:
    """A site of that product."""
    topology = Topology(Site("http://shop.test/", flow=Flow(**flow)))  # type: ignore[arg-type] # steps only
    return Scene(topology, Gathered(()), ("",), product)


def test_what_must_be_equal_comes_first() -> None:
    """Then what would have come anyway, as far as there is room."""
    steps = product_first(OTHERS, scene(PRODUCT))
    assert [step.how for step in steps] == [
        "compare on all nodes what Shop needs the same: `SECRET_KEY`", "add node URLs", "declare site.flow",
    ]  # fmt: skip


def test_how_somebody_signs_in_takes_the_place_of_a_flow_in_general() -> None:
    """One thing to do is told once."""
    from dataclasses import replace

    steps = product_first(OTHERS, scene(replace(PRODUCT, account=SIGNED_IN)))
    assert [step.how.partition(":")[0] for step in steps] == [
        "compare on all nodes what Shop needs the same", "declare below `site", "add node URLs",
    ]  # fmt: skip


def test_a_site_whose_sessions_can_be_followed_needs_neither() -> None:
    """And a site that looks like nothing known."""
    assert product_first(OTHERS, scene(PRODUCT, write=(Step("/cart"),))) == OTHERS
    assert product_first(OTHERS, scene(None)) == OTHERS


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("nothing tells which node answered; declare site.flow.node", "declare site.flow.node"),
        ("the page may simply need none: declare site.flow", "declare site.flow"),
        ("whether a proxy ends TLS is not known", ""),
        ("too few requests; so few may be retries", ""),
    ],
)
def test_a_reason_is_no_step(reason: str, step: str) -> None:
    """What follows it may be; and what did not answer is to be looked at."""
    check = next(iter(Catalogue((builtin(),)).checks.values()))
    finding = Finding("c", "edge", Status.INCONCLUSIVE, Severity.LOW, Confidence.FIRM, "x", "", {}, reason, None, "f1")
    assert _step_in(Judged(check, finding)) == step
    assert _step_in(Judged(check, finding, silent=True)) == reason
