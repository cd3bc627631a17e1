"""Which product the captured responses are of, by the marks that a scan looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.evidence.entry.acquaintance import Acquaintance
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.products.recognition import Page, recognise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.captures.recorded import Recorded
    from sessiondoctor.products.page import Product

_MOST_PAGES = 200


def acquaintance_of(exchanges: Sequence[Recorded], products: Iterable[Product]) -> Acquaintance | None:
    """What the site looks like; None if it looks like no known product."""
    likeness = recognise(products, map(_page, exchanges[:_MOST_PAGES]))
    if likeness is None:
        return None
    product = likeness.product
    return Acquaintance(product.id, product.title, likeness.version, round(likeness.certainty, 2), likeness.because)


def _page(exchange: Recorded) -> Page:
    names = [read_set_cookie(header).name for header in exchange.all("set-cookie")]
    sent = [pair.partition("=")[0].strip() for pair in exchange.cookie_header.split(";") if "=" in pair]
    return Page(
        path=urlsplit(exchange.url).path,
        headers={name.lower(): value for name, value in reversed(exchange.headers)},
        cookies=tuple(dict.fromkeys((*names, *sent))),
        text=exchange.body.decode("utf-8", "replace"),
    )
