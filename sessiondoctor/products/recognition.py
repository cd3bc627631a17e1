"""Which product answers, by what the first pages of a site show. Pure; several marks add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from sessiondoctor.products.page import Product

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.products.page import Mark

LOOKS_LIKE = 0.6
"""From this certainty on a product is named."""

_MOST_TEXT = 256 * 1024  # characters of one page
_LONGEST_VERSION = 20


@dataclass(frozen=True, slots=True)
class Page:
    """One response, as recognition needs it: header names in lower case, and the path that it was asked for."""

    path: str
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a site looks like a product.

    Attributes:
        certainty: 0..1.
        because: the marks that were seen, in words.
    """

    product: Product
    certainty: float
    because: tuple[str, ...]
    version: str = ""


def recognise(products: Iterable[Product], pages: Iterable[Page]) -> Likeness | None:
    """The product that the pages look like most; None if they look like none enough."""
    pages = tuple(pages)
    likenesses = [_likeness(product, pages) for product in products]
    like = [one for one in likenesses if one.certainty >= LOOKS_LIKE]
    return max(like, key=lambda one: (not one.product.framework, one.certainty, one.product.id), default=None)


def _likeness(product: Product, pages: tuple[Page, ...]) -> Likeness:
    seen = [mark for mark in product.marks if any(_shows(page, mark) for page in pages)]
    doubt = 1.0
    for mark in seen:
        doubt *= 1.0 - mark.certainty
    version = _version(product, pages) if seen else ""
    return Likeness(product, 1.0 - doubt, tuple(map(_said, seen)), version)


def _shows(page: Page, mark: Mark) -> bool:
    if mark.kind == "cookie":
        return any(fnmatchcase(name, mark.pattern) for name in page.cookies)
    if mark.kind == "header":
        name, _, text = mark.pattern.partition(":")
        return name.lower() in page.headers and text.strip().lower() in page.headers[name.lower()].lower()
    if mark.kind == "path":
        return mark.pattern in page.path
    return mark.pattern in page.text[:_MOST_TEXT]


def _said(mark: Mark) -> str:
    words = {"cookie": "a cookie is called", "header": "a header is", "path": "a path has", "text": "a page has"}
    return f"{words[mark.kind]} {mark.pattern}"


def _version(product: Product, pages: tuple[Page, ...]) -> str:
    from sessiondoctor.linear_regex import search

    for page in pages if product.version else ():
        headers = "\n".join(f"{name}: {value}" for name, value in page.headers.items())
        found = search(product.version, f"{headers}\n\n{page.text[:_MOST_TEXT]}")
        if found and found.re.groups:
            return "".join(filter(str.isprintable, found[1] or ""))[:_LONGEST_VERSION]
    return ""
