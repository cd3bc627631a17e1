"""The default flow of a product's page, read by the rules of a topology file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sessiondoctor.topology.steps import Flow

if TYPE_CHECKING:
    from sessiondoctor.products.page import Product


def flow_of(product: Product) -> Flow:
    """The default flow; an empty one if the page has none.

    Raises:
        TopologyError: it is no flow.
    """
    from sessiondoctor.topology.loader import load_text

    if not product.flow:
        return Flow()
    text = json.dumps({"site": {"url": "http://localhost/", "flow": dict(product.flow)}})  # JSON is YAML, too
    return load_text(text, product.path.name or product.id, {}).site.flow
