"""Pages of new clients, parsed as browsers do (selectolax): elements by CSS selectors."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

DEEPEST = 1000
"""Elements inside each other; the parser takes quadratic time in it, and browsers stop at 512."""

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
# Void elements, and those that the next one of their kind ends.
_FLAT = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "li", "dt", "dd", "p", "option", "optgroup", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "rp", "rt",
})  # fmt: skip


def tree_of(page: str) -> LexborHTMLParser | None:
    """The page; None if its elements are nested deeper than any browser shows."""
    from selectolax.lexbor import LexborHTMLParser

    return None if _depth(page) > DEEPEST else LexborHTMLParser(page)


def select(page: str, selector: str) -> str | None:
    """The `value` or `content` attribute, else the text, of the first element that fits; None without one."""
    from selectolax.lexbor import SelectolaxError

    tree = tree_of(page)
    try:
        element = tree.css_first(selector) if tree and selector else None
    except SelectolaxError:
        return None
    return _shown(element) if element else None


def attribute(element: LexborNode, name: str) -> str | None:
    """An attribute; empty where it stands without a value, None where it does not stand."""
    return (element.attributes[name] or "") if name in element.attributes else None


def _shown(element: LexborNode) -> str:
    own = attribute(element, "value")
    given = attribute(element, "content") if own is None else own
    return element.text().strip() if given is None else given


def _depth(page: str) -> int:
    """At most how deep elements are nested, by their tags alone."""
    steps = (-1 if closes else 1 for closes, name in _TAG.findall(page) if name.lower() not in _FLAT)
    return max(accumulate(steps, lambda depth, step: max(0, depth + step)), default=0)
