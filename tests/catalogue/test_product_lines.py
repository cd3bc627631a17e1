"""The words of a product's page as a signature of its log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.catalogue.product_lines import lines_of
from sessiondoctor.logs.known import known_lines
from sessiondoctor.products.page import Product, Setting, State

KEY = Setting("SECRET_KEY", "", "it signs sessions", ("signing-secret-mismatch", "config-drift-one-node"))
SHOP = Product(
    "shop", "Shop", "flask", (), (), (), State("files", "x"), (KEY,), "no",
    errors=("The basket of nobody was opened", "Session expired", "Your basket has {...} gone"),
)  # fmt: skip


def test_the_words_of_a_page_tell_what_its_settings_end() -> None:
    """Keys and sessions of each node's own rather than what is set beside them; alone they are no loss."""
    (line,) = lines_of([SHOP], ())
    assert (line.id, line.product, line.role) == ("shop-asks-for-its-session", "Shop", "sign")
    assert line.seen == ("The basket of nobody was opened",)
    assert line.causes == {
        "signing-secret-mismatch": 0.4, "config-drift-one-node": 0.1, "lb-no-affinity": 0.4, "node-local-store": 0.4,
    }  # fmt: skip


def test_words_that_are_known_already_make_no_other() -> None:
    """One line is one finding."""
    (line,) = lines_of([SHOP], ())
    assert [*lines_of([SHOP], (line,))] == []


def test_words_of_several_products_are_of_none() -> None:
    """They cannot tell which it is."""
    assert [*lines_of([SHOP, replace(SHOP, id="other")], ())] == []


def test_a_page_that_names_no_cause_makes_none() -> None:
    """Nor one whose words are short."""
    assert [*lines_of([replace(SHOP, equal=(), state=State("token", "x"))], ())] == []
    assert [*lines_of([replace(SHOP, errors=("Unauthorized", "Session not found"))], ())] == []


@pytest.mark.parametrize(
    "text",
    [
        "[error] Incorrect sesskey submitted, form not accepted!",
        "2026-11-30 12:00:00 WARN Anti cross-site request forgery token mismatch",
        "jupyterhub | 400 OAuth state missing from cookies",
    ],
)
def test_a_log_with_such_a_line_is_read(text: str) -> None:
    """By the finder that comes with the package."""
    assert [one.id.endswith("-asks-for-its-session") for one in known_lines().found(text.encode())] == [True]


def test_each_is_of_a_page() -> None:
    """And has a cause that exists."""
    catalogue = Catalogue((builtin(),))
    lines = [one for one in catalogue.signatures.values() if one.id.endswith("-asks-for-its-session")]
    assert len(lines) >= 15
    assert all(one.causes.keys() <= catalogue.causes.keys() for one in lines)
    assert {one.path.stem for one in lines} <= catalogue.products.keys()
