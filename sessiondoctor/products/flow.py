"""The default flow of a product's page, read by the rules of a topology file.

A step without a path is for the site's URL itself, wherever that leads.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.topology.steps import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.products.page import Product
    from sessiondoctor.topology.steps import Step

_ITSELF: Final = "/.sessiondoctor-the-url-itself"


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
    told = {part: [_with_path(step) for step in _steps(steps)] for part, steps in flow.items()}
    text = json.dumps({"site": {"url": "http://localhost/", "flow": told}})  # JSON is YAML, too
    read = load_text(text, product.path.name or product.id, environ or {}).site.flow
    write, look = (tuple(map(_at_itself, steps)) for steps in (read.write, read.read))
    return replace(read, write=write, read=look)


def _steps(steps: Any) -> list[Any]:
    return steps if isinstance(steps, list) else [steps]


def _with_path(step: Any) -> Any:
    """A step that is read as one; that of a form goes where the form says."""
    return {"path": _ITSELF, **step} if isinstance(step, dict) and "form" not in step else step


def _at_itself(step: Step) -> Step:
    return replace(step, path="") if step.path == _ITSELF else step
