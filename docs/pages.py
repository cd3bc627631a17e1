"""Pages of the documentation that the catalogue has already: one a cause, a check, a product; run by mkdocs."""

# ruff: noqa: INP001 - a script of mkdocs
from __future__ import annotations

import re
from typing import TYPE_CHECKING

import mkdocs_gen_files

from sessiondoctor.cli.explain import page_of
from sessiondoctor.library import catalogue_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ID = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`")
_FENCE = re.compile(r"(^\s*```.*?^\s*```\s*?$)", re.DOTALL | re.MULTILINE)


def main() -> None:
    """Writes them all."""
    catalogue = catalogue_with(())
    kinds = {"causes": catalogue.causes, "checks": catalogue.checks, "products": catalogue.products}
    places = {id_: f"../{kind}/{id_}.md" for kind in ("checks", "causes") for id_ in kinds[kind]}
    for kind, entries in kinds.items():
        for id_ in entries:
            _write(f"{kind}/{id_}.md", "".join(_linked(page_of(catalogue, id_), places, id_)))
    for kind in ("causes", "checks"):
        _write(f"{kind}/index.md", "\n".join(_by_family(kind.capitalize(), kinds[kind].values())))
    titles = ((id_, page_of(catalogue, id_).splitlines()[0].lstrip("# ")) for id_ in catalogue.products)
    listed = "\n".join(f"- [{title}]({id_}.md)" for id_, title in titles)
    _write(
        "products/index.md", f"# Products\n\nWhat is known of each, and what all its nodes need the same.\n\n{listed}\n"
    )


def _write(place: str, text: str) -> None:
    with mkdocs_gen_files.open(place, "w") as page:
        page.write(text)


def _linked(page: str, places: dict[str, str], own: str) -> Iterator[str]:
    """Ids in the text lead to their pages; code stays as it is."""
    for number, part in enumerate(_FENCE.split(page)):
        known = places if not number % 2 else {}
        yield _ID.sub(lambda m: f"[{m[0]}]({known[m[1]]})" if m[1] in known and m[1] != own else m[0], part)  # noqa: B023


def _by_family(heading: str, entries: Iterable[object]) -> Iterator[str]:
    yield f"# {heading}\n"
    family = ""
    for entry in entries:
        if entry.family != family:  # type: ignore[attr-defined]
            family = entry.family  # type: ignore[attr-defined]
            yield f"\n## {family}\n"
        yield f"- [{entry.title}]({entry.id}.md) (`{entry.id}`, {entry.severity})"  # type: ignore[attr-defined]


main()
