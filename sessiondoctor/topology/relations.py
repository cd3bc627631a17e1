"""What the parts of a topology must have to do with each other: unique names, and names that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.topology import hints
from sessiondoctor.topology.texts import STORE_SCHEMES, scheme_of

if TYPE_CHECKING:
    from sessiondoctor.topology.document import Document, Path

NO_STORE = "none"
"""What `nodes[].store` says of a node that keeps sessions in its own memory."""


def check_relations(document: Document) -> None:
    """Reports names that come twice, names of nothing, and stores whose URL is of another kind."""
    for section in ("load_balancers", "nodes", "stores"):
        _check_unique(document, section)
    _check_references(document, "nodes", "store", _names(document, "stores"), (NO_STORE,))
    _check_references(document, "load_balancers", "behind", _names(document, "load_balancers"))
    _check_order(document)
    _check_stores(document)
    _check_client_key(document)
    _check_commands(document)


def _check_unique(document: Document, section: str) -> None:
    first: dict[str, Path] = {}
    for path, part in document.sections(section):
        name = part.get("name")
        if isinstance(name, str) and first.setdefault(name, path) != path:
            line = document.place(first[name]).key.start_mark.line + 1
            inside = (*path, "name")
            document.blame_value(inside, f"{document.quoted(inside)} is the name of another one, in line {line}")


def _names(document: Document, section: str) -> list[str] | None:
    """The names in a section; None where a problem there hides one of them."""
    items = document.dig(section) or []
    names = [part.get("name") for _, part in document.sections(section)]
    known = [name for name in names if isinstance(name, str) and "${" not in name]
    return known if isinstance(items, list) and len(known) == len(items) else None


def _check_references(
    document: Document, section: str, key: str, names: list[str] | None, others: tuple[str, ...] = ()
) -> None:
    if names is None:
        return
    choices = [*names, *others]
    for path, part in document.sections(section):
        if isinstance(part.get(key), str) and part[key] not in choices:
            _blame_reference(document, (*path, key), choices)


def _blame_reference(document: Document, path: Path, choices: list[str]) -> None:
    known = f"expected one of {', '.join(map(hints.quoted, choices))}" if choices else "none is declared"
    near = hints.did_you_mean(document.written(path), choices)
    document.blame_value(path, f"{document.quoted(path)} is not declared{near or '; ' + known}")


def _check_order(document: Document) -> None:
    """A balancer that is behind itself, at however many removes."""
    parts = [part for _, part in document.sections("load_balancers") if isinstance(part.get("name"), str)]
    front = {part["name"]: part.get("behind") for part in parts}
    for path, part in document.sections("load_balancers"):
        behind, steps = part.get("behind"), 0
        while isinstance(behind, str) and behind != part.get("name") and steps < len(front):
            behind, steps = front.get(behind), steps + 1
        if behind and behind == part.get("name"):
            document.blame_value((*path, "behind"), "this balancer would be behind itself")


def _check_stores(document: Document) -> None:
    for path, store in document.sections("stores"):
        if store.get("name") == NO_STORE:
            document.blame_value((*path, "name"), f"'{NO_STORE}' stands for no store; expected another name")
        schemes = STORE_SCHEMES.get(str(store.get("kind")))
        for key in ("url", "replicas"):
            urls = store.get(key)
            for index, url in enumerate(urls if schemes and isinstance(urls, list) else ()):
                if isinstance(url, str) and scheme_of(url) not in (schemes or ()):
                    expected = ", ".join(schemes or ())
                    document.blame_value((*path, key, index), f"expected a scheme for kind {store['kind']}: {expected}")


def _check_client_key(document: Document) -> None:
    if document.dig("site", "client_key") and not document.dig("site", "client_cert"):
        document.blame_key(("site", "client_key"), "declare site.client_cert, too: the certificate of this key")


def _check_commands(document: Document) -> None:
    """What takes a node out and nothing puts back would leave it out."""
    for path, node in document.sections("nodes"):
        for key in ("drain", "stop"):
            if node.get(key) and not node.get("start"):
                document.blame_key((*path, key), "declare start, too: the command that puts the node back")
