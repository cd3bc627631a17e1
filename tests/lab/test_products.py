"""Products of others, with their defaults and with their cures: what is lost, and what a scan says of it.

A plain run takes the light ones; `pytest tests/lab -m ""` takes all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.products import products
from tests.lab.products.__main__ import asked
from tests.lab.products.product import VARIANTS

if TYPE_CHECKING:
    from tests.lab.products.product import Product, Variant

CASES = [
    pytest.param(
        product, variant, id=f"{product.name}-{variant}", marks=pytest.mark.thorough if product.thorough else ()
    )
    for product in products()
    for variant in VARIANTS
    if variant == "default" or variant in product.cured_by
]
CURED = [case for case in CASES if case.values[1] != "default"]


# The first of a kind downloads what it runs.
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("product", "variant"), CASES)
def test_a_fault_shows_and_its_cures_end_it(product: Product, variant: Variant) -> None:
    """To a naive browser, before any scan is asked."""
    with product.running(variant) as running:
        running.prove()


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("product", "variant"), CURED)
def test_nothing_is_stated_of_what_is_cured(product: Product, variant: Variant) -> None:
    """At no access."""
    with product.running(variant) as running:
        said = [asked(product, running, access, None) for access in ("url", "flow", "nodes", "everything")]
    assert [(row.access, row.first) for row in said if not row.is_right] == []
