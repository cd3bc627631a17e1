"""The default flow of a product's page, read by the rules of a topology file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sessiondoctor.topology.steps import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.products.page import Product


def flow_of(product: Product) -> Flow:
    """The default flow; an empty one if the page has none.

    Raises:
        TopologyError: it is no flow.
    """
    return _read(product.flow, product)


def account_of(product: Product, environ: Mapping[str, str]) -> Flow:
    """How somebody signs in, with the variables that it names; an empty flow if the page does not tell.

    Raises:
        TopologyError: it is no flow.
    """
    return _read(product.account, product, environ)


def account_text(product: Product) -> str:
    """The same as lines for a topology file; empty if the page does not tell."""
    if not product.account:
        return ""
    import yaml

    return yaml.safe_dump({"flow": dict(product.account)}, sort_keys=False, width=110).rstrip()


def _read(flow: Mapping[str, Any], product: Product, environ: Mapping[str, str] | None = None) -> Flow:
    from sessiondoctor.topology.loader import load_text

    if not flow:
        return Flow()
    text = json.dumps({"site": {"url": "http://localhost/", "flow": dict(flow)}})  # JSON is YAML, too
    return load_text(text, product.path.name or product.id, environ or {}).site.flow
