"""`sessiondoctor explain`: one check's, cause's or product's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import completion
from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.catalogue.loader import Catalogue, Cause


@o.takes("packs", "color")
def explain(
    job: o.Job,
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID", autocompletion=completion.pages, help="A check, a cause or a product; see `list`."
        ),
    ],
) -> None:
    """Show what a check looks at, a cause's whole page (symptoms, why, fix, proof), or what a product needs."""
    from sessiondoctor.cli.documents.output import show, style
    from sessiondoctor.report import markdown_view

    show(markdown_view.show(page_of(o.catalogue_of(job.packs), name), style(job.color, verbose=True)))


def page_of(catalogue: Catalogue, name: str) -> str:
    """The page of a cause, a check or a product, Markdown.

    Raises:
        UsageError: there is none; with did-you-mean.
    """
    from sessiondoctor.catalogue.loader import unknown
    from sessiondoctor.products.markdown import product_page

    if cause := catalogue.cause(name):
        return _cause_page(cause)
    if check := catalogue.check(name):
        return _check_page(check, catalogue)
    if name in catalogue.products:
        return product_page(catalogue.products[name])
    known = (*catalogue.cause_ids, *catalogue.check_ids, *catalogue.products)
    raise unknown(name, known, "cause, check or product", "list causes")


def _cause_page(cause: Cause) -> str:
    seen_by = ", ".join(f"`{check}`" for check in cause.findings)
    needs = f", only where there is: {', '.join(cause.requires)}" if cause.requires else ""
    head = f"# {cause.title}\n\n`{cause.id}`, {cause.severity}, family {cause.family}{needs}"
    return f"{head}\n\n{cause.page}\n\n## Found by\n\n{seen_by}\n"


def _check_page(check: Check, catalogue: Catalogue) -> str:
    causes = "\n".join(
        f"- `{cause.id}`: {cause.title}"
        for cause in catalogue.causes.values()
        if not {check.id, check.shows}.isdisjoint(cause.findings)
    )
    needs = "\n".join(f"- {need.evidence.__name__}{' (optional)' if need.optional else ''}" for need in check.needs)
    head = f"# {check.title}\n\n`{check.id}`, {check.severity}, family {check.family}, role {check.role}"
    parts = (
        head,
        check.doc,
        f"## Evidence it needs\n\n{needs}",
        f"## Causes that make it fail\n\n{causes or 'None in the catalogue.'}",
    )
    return "\n\n".join(part for part in parts if part) + "\n"
