"""The pages of products: what they must say, and what a mistake in one is answered by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.catalogue.product_pages import read_product
from sessiondoctor.errors import CatalogueError, UsageError
from sessiondoctor.products.flow import account_of, flow_of
from sessiondoctor.topology.flows import LISTS
from tests.fakes.packs import write_cause, write_check

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """---
title: Shop
recognise: {certain: {cookie: [shop_sid]}}
state: {place: memory, told: its sessions are in memory}
affinity: required
---
Text.
"""
PRODUCTS = Catalogue((builtin(),)).products


def read(tmp_path: Path, text: str) -> str:
    """What is said of a page that does not fit."""
    path = tmp_path / "shop.md"
    path.write_text(text)
    with pytest.raises(CatalogueError) as caught:
        read_product(path)
    return str(caught.value).removeprefix(f"{path}: front matter: ")


def test_a_small_page(tmp_path: Path) -> None:
    """Everything else is optional."""
    path = tmp_path / "shop.md"
    path.write_text(PAGE)
    product = read_product(path)
    assert (product.id, product.title, product.page) == ("shop", "Shop", "Text.")
    assert product.says() == "its sessions are in memory"
    assert [(mark.kind, mark.pattern, mark.certainty) for mark in product.marks] == [("cookie", "shop_sid", 0.95)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Shop", "tilte: Shop", "there is no key 'tilte'; did you mean 'title'?"),
        ("title: Shop\n", "", "title: expected a text"),
        ("certain:", "certian:", "recognise: there is no key 'certian'; did you mean 'certain'?"),
        ("cookie:", "cookies:", "recognise: certain: there is no key 'cookies'; did you mean 'cookie'?"),
        ("[shop_sid]", "shop_sid", "recognise: certain: cookie: expected a list of texts"),
        ("place: memory", "place: memroy", "state: place: expected one of"),
        ("affinity: required", "affinity: no", "affinity: expected one of required, unless-shared, sockets, no,"),
        ("affinity: required", "affinity: required\nequal: [x]", "equal: expected a list of {name, env, told, causes}"),
        ("affinity: required", "affinity: required\nequal: [{nam: a, told: c}]", "equal: there is no key 'nam'"),
        ("affinity: required", "affinity: required\nflow: {login: {path: /}}", "flow: there is no key 'login'"),
        ("affinity: required", "affinity: required\nflow: {write: {path: /}}", "flow: expected write and read"),
        (
            "affinity: required",
            "affinity: required\nflow: {write: {path: /, method: POST, form: {Password: x}}, read: {path: /}}",
            "flow: a default flow never logs in, and this one sends password",
        ),
        ("---\nText", "Text", "expected YAML between two lines of ---"),
        ("Text.", "x" * 70_000, "larger than 64 KiB"),
    ],
)  # fmt: skip
def test_mistakes_are_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Each names the key, and what may have been meant."""
    assert read(tmp_path, PAGE.replace(old, new)).startswith(said)


def test_a_cause_must_exist(tmp_path: Path) -> None:
    """A user's pack is checked like what comes with the package."""
    write_check(tmp_path, "gone")
    write_cause(tmp_path, "lost")
    folder = tmp_path / "products"
    folder.mkdir()
    text = PAGE.replace("affinity:", "equal: [{name: a, told: b, causes: [lots]}]\naffinity:")
    (folder / "shop.md").write_text(text)
    with pytest.raises(CatalogueError, match=r"there is no cause 'lots'; did you mean 'lost'\?"):
        _ = Catalogue((tmp_path,)).products


def test_an_unknown_product_is_told() -> None:
    """With what may have been meant."""
    with pytest.raises(UsageError, match="there is no product 'grafna'; did you mean 'grafana'"):
        Catalogue((builtin(),)).product("grafna")


BY_POST = {"mcp-server", "socket-io"}
"""Protocols that speak by POST only: what their flows send (`ping`, an empty packet) changes nothing."""


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)
def test_the_pages_that_come_with_the_package(product: object) -> None:
    """Whatever must be equal is said, references are pages, flows are flows, names are no causes' names."""
    from sessiondoctor.products.page import Product

    assert isinstance(product, Product)
    assert product.id not in Catalogue((builtin(),)).causes
    assert all(source.startswith("https://") for source in product.sources)
    assert product.sources
    assert product.equal or product.affinity == "required" or product.state.shared
    flow = flow_of(product)
    assert all(not getattr(flow, part) for part in LISTS if part not in {"write", "read"})
    account = account_of(product, {"ACCOUNT_USER": "somebody", "ACCOUNT_PASSWORD": "a-long-password"})
    assert bool(account.login) == bool(account.logged_in) == bool(product.account)
    for step in (*flow.write, *flow.read):
        assert step.method == "GET" or product.id in BY_POST
