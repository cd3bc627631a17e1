"""`sessiondoctor list`: the catalogue."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.catalogue.headings import Heading
    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.products.page import Product


class What(StrEnum):
    """What to list."""

    CHECKS = "checks"
    CAUSES = "causes"
    FORMATS = "formats"
    PRODUCTS = "products"


@o.takes("packs")
def listing(
    job: o.Job,
    what: Annotated[
        What, typer.Argument(metavar="[checks|causes|formats|products]", help="What to list.")
    ] = What.CHECKS,
) -> None:
    """List the checks, the causes by family, the formats that `judge` reads, or the products that are known."""
    from sessiondoctor.cli.documents.output import show

    if what is What.FORMATS:
        show("".join(f"{line}\n" for line in _formats()))
        return

    catalogue = o.catalogue_of(job.packs)
    if what is What.PRODUCTS:
        show("".join(f"{line}\n" for line in _products(catalogue.products.values())))
        return
    if what is What.CAUSES:
        show("".join(f"{line}\n" for line in _lines(catalogue.causes.values())))
        return
    from sessiondoctor.catalogue.headings import headings

    show("".join(f"{line}\n" for line in _lines(headings(catalogue))))


def _formats() -> Iterable[str]:
    from sessiondoctor.artefacts.dispatch import formats

    entries = formats()
    width = max(len(entry.name) for entry in entries)
    return (f"{entry.name:{width}}  {entry.title}" for entry in entries)


def _products(products: Iterable[Product]) -> Iterable[str]:
    products = tuple(products)
    width = max((len(product.id) for product in products), default=0)
    return (f"{product.id:{width}}  {product.title}: {product.says()}" for product in products)


def _lines(entries: Iterable[Check | Heading | Cause]) -> Iterable[str]:
    entries = tuple(entries)
    width = max((len(entry.id) for entry in entries), default=0)
    family = ""
    for entry in entries:
        if entry.family != family:
            yield from ([""] if family else [])
            family = entry.family
            yield family
        yield f"  {entry.id:{width}}  {entry.severity:8}  {entry.title}"
