"""`sessiondoctor explain PRODUCT`: what a product needs on several nodes, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.products.flow import account_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.products.page import Product, Setting

_AFFINITY = {
    "required": "A balancer must keep each client on one node.",
    "unless-shared": "A balancer must keep each client on one node, unless sessions are shared.",
    "sockets": "Pages need no affinity; sockets and polling do.",
    "no": "No affinity is needed where the settings above are equal.",
}


def product_page(product: Product) -> str:
    """The page, headings first, then its text."""
    parts = (
        f"# {product.title}",
        f"`{product.id}`: {product.says()}.",
        f"## Several nodes\n\n{_bullets(_nodes(product))}",
        f"## Recognised by\n\n{_bullets(_marks(product))}",
        _section(
            "Session and CSRF cookies", [f"`{name}`" for name in (*product.session_cookies, *product.csrf_cookies)]
        ),
        _section("What it says where state is lost", [f"`{text}`" for text in product.errors]),
        _section("Default flow", _steps(product)),
        _with_account(product),
        product.page,
        _section("Sources", product.sources),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _nodes(product: Product) -> Iterator[str]:
    if product.state.shared:
        yield f"Shared state: {product.state.shared}"
    yield from map(_setting, product.equal)
    yield _AFFINITY[product.affinity]


def _setting(setting: Setting) -> str:
    variable = f" (`{setting.env}`)" if setting.env else ""
    return f"The same `{setting.name}`{variable}: {setting.told}"


def _marks(product: Product) -> Iterator[str]:
    return (f"{mark.kind} `{mark.pattern}`, {mark.certainty:.0%}" for mark in product.marks)


def _steps(product: Product) -> Iterator[str]:
    for part, steps in product.flow.items():
        for step in steps if isinstance(steps, list) else [steps]:
            yield f"{part}: `{step.get('method', 'GET')} {step.get('path', '/')}`"


def _with_account(product: Product) -> str:
    told = "Below `site:` of the topology, with a throw-away account; a scan never signs in unless this is declared."
    text = account_text(product)
    return f"## A flow with an account\n\n{told}\n\n```yaml\n{text}\n```" if text else ""


def _section(heading: str, items: Iterable[str]) -> str:
    listed = _bullets(items)
    return f"## {heading}\n\n{listed}" if listed else ""


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
