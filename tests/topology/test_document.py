"""docs/topology.md: it names every key, and every example in it is one."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from sessiondoctor.topology import hints
from sessiondoctor.topology.loader import load_text
from sessiondoctor.topology.model import (
    Balancer,
    BalancerKind,
    Configured,
    CrossSite,
    Dns,
    Management,
    ManagementKind,
    Mode,
    Node,
    SessionHeader,
    Site,
    Stack,
    Store,
    StoreKind,
    Symptom,
    Time,
    Topology,
)
from sessiondoctor.topology.steps import Extract, Flow, Increment, Socket, Step

TEXT = (Path(__file__).parents[2] / "docs" / "topology.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
SECTIONS = (
    Topology,
    Site,
    SessionHeader,
    CrossSite,
    Flow,
    Socket,
    Step,
    Increment,
    Extract,
    Balancer,
    Node,
    Management,
    Store,
    Dns,
    Time,
)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: str(section.__name__))
def test_every_key_is_named(section: type) -> None:
    """In code, as a key or as the end of a path."""
    named = set(re.findall(r"`(?:\w+\.)*(\w+)`", TEXT))
    assert set(hints.keys(section)) - named == set()


def test_all_sections_of_the_model_are_looked_at() -> None:
    """A class that the model gets is one of those above."""
    from sessiondoctor.topology import model, steps

    rooms = {model.__name__, steps.__name__}
    known = {**vars(model), **vars(steps)}.values()
    made = {one for one in known if isinstance(one, type) and one.__module__ in rooms}
    assert {one for one in made if hasattr(one, "__dataclass_fields__") and fields(one)} == {*SECTIONS, Configured}


@pytest.mark.parametrize("choices", [Symptom, Stack, BalancerKind, StoreKind, ManagementKind, Mode], ids=str)
def test_every_choice_is_named(choices: object) -> None:
    """Whatever may stand there."""
    assert [word for word in get_args(choices) if not re.search(rf"[`\s|,:]{re.escape(word)}[`\s,:;|]", TEXT)] == []


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_can_be_read(number: int) -> None:
    """Alone, or with nothing but the site's URL."""
    example = EXAMPLES[number]
    whole = example if "site:" in example else f"site: {{url: https://shop.example.com/}}\n{example}"
    environ = dict.fromkeys([*re.findall(r"\$\{(\w+)\}", example), "APP1_SESSION_SECRET"], "x")
    assert load_text(whole, "example.yaml", environ).site.url


def test_the_flow_comes_first() -> None:
    """It decides most, and nobody else can know it."""
    headings = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)
    assert headings[0].startswith("`site.flow`")
