"""The pages of products, `checks/products/<name>.md`: front matter between two lines of `---`, then text.

title: Grafana
stack: php                                # optional: the stack of a topology that it runs on
framework: false                          # optional: what many products are made with; a product is named rather
recognise:                                # by what; certain .95, likely .6, possible .3
  certain: {cookie: [grafana_session], text: [window.grafanaBootData]}
  likely: {path: [/public/build/], header: ["x-grafana-id"]}
version: 'Grafana v([0-9.]+)'             # optional: RE2, in headers and pages
cookies: {session: [grafana_session], csrf: []}
state:
  place: database                         # memory | files | database | cache | cookie | token | none
  told: its sessions live in its database # follows the product's name
  shared: give all nodes one database     # optional
equal:                                    # what must be equal on all nodes
  - {name: secret_key, env: GF_SECURITY_SECRET_KEY, told: what for, causes: [signing-secret-mismatch]}
affinity: "no"                            # required | unless-shared | sockets | no
errors: [User token not found]            # optional: what it says where state is lost
flow: {write: ..., read: ...}             # optional: `site.flow`, harmless and without an account
account: {login: ..., logged_in: ...}     # optional: `site.flow` for an account; shown to the user, never run by itself
sources: [https://...]                    # optional: pages of the vendor
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from sessiondoctor.catalogue.front_matter import known_word, split
from sessiondoctor.errors import CatalogueError
from sessiondoctor.products.page import Affinity, Mark, MarkKind, Place, Product, Setting, State
from sessiondoctor.topology.model import Stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

CERTAINTY = {"certain": 0.95, "likely": 0.6, "possible": 0.3}
_KEYS = (
    "title", "stack", "framework", "recognise", "version", "cookies", "state", "equal", "affinity", "errors",
    "flow", "account", "sources",
)  # fmt: skip
_LARGEST = 64 * 1024
_KEY_CAUSES = ("signing-secret-mismatch", "secret-regenerated-at-boot", "config-drift-one-node")
_NEVER_SENT = {"password", "passwd", "pwd", "pass"}


def names_of_products(folders: Iterable[Path]) -> tuple[str, ...]:
    """Those that have a page; reads none."""
    return tuple(path.stem for folder in folders for path in sorted((folder / "products").glob("*.md")))


def read_product(path: Path) -> Product:
    """Reads one page.

    Raises:
        CatalogueError: the front matter is missing or has a word that is not known; names file and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if len(text) > _LARGEST:
            raise CatalogueError(f"{path}: front matter: larger than {_LARGEST // 1024} KiB")
        front, page = split(text)
        return _product(path, front, page)
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path}: front matter: {error}") from error


def _product(path: Path, front: dict[str, Any], page: str) -> Product:
    _only("", front, _KEYS)
    cookies = _mapping(front, "cookies", optional=True)
    _only("cookies: ", cookies, ("session", "csrf"))
    return Product(
        id=path.stem,
        title=_text(front, "title"),
        stack=_stack(front),
        marks=tuple(_marks(_mapping(front, "recognise"))),
        session_cookies=_texts("cookies: ", cookies, "session"),
        csrf_cookies=_texts("cookies: ", cookies, "csrf"),
        state=_state(_mapping(front, "state")),
        equal=tuple(_settings(front)),
        affinity=known_word("affinity", front.get("affinity"), get_args(Affinity)),
        errors=_texts("", front, "errors"),
        version=_text(front, "version", optional=True),
        flow=_flow(front),
        account=_account(front),
        sources=_texts("", front, "sources"),
        framework=_truth(front, "framework"),
        page=page,
        path=path,
    )


def _stack(front: dict[str, Any]) -> str:
    stack = front.get("stack", "")
    return known_word("stack", stack, get_args(Stack)) if stack else ""


def _marks(recognise: dict[str, Any]) -> Iterator[Mark]:
    _only("recognise: ", recognise, CERTAINTY)
    if not recognise:
        raise ValueError("recognise: expected certain, likely or possible")
    for word, kinds in recognise.items():
        place = f"recognise: {word}: "
        if not isinstance(kinds, dict):
            raise ValueError(f"{place}expected {', '.join(get_args(MarkKind))}")  # noqa: TRY004 - a mistake in a file
        _only(place, kinds, get_args(MarkKind))
        for kind in kinds:
            yield from (Mark(kind, pattern, CERTAINTY[word]) for pattern in _texts(place, kinds, kind))


def _state(state: dict[str, Any]) -> State:
    _only("state: ", state, ("place", "told", "shared"))
    place: Place = known_word("state: place", state.get("place"), get_args(Place))
    return State(place, _text(state, "told"), _text(state, "shared", optional=True))


def _settings(front: dict[str, Any]) -> Iterator[Setting]:
    settings = front.get("equal", [])
    if not isinstance(settings, list) or not all(isinstance(one, dict) for one in settings):
        raise ValueError("equal: expected a list of {name, env, told, causes}")
    for one in settings:
        _only("equal: ", one, ("name", "env", "told", "causes"))
        causes = _texts("equal: ", one, "causes") or _KEY_CAUSES
        yield Setting(_text(one, "name"), _text(one, "env", optional=True), _text(one, "told"), causes)


def _flow(front: dict[str, Any]) -> dict[str, Any]:
    """The flow as a topology would declare it; never an account, never a password."""
    flow = _mapping(front, "flow", optional=True)
    _only("flow: ", flow, ("write", "read"))
    if flow and flow.keys() != {"write", "read"}:
        raise ValueError("flow: expected write and read")
    if names := _NEVER_SENT & {str(key).lower() for key in _keys_in(flow)}:
        raise ValueError(f"flow: a default flow never logs in, and this one sends {', '.join(sorted(names))}")
    return flow


def _account(front: dict[str, Any]) -> dict[str, Any]:
    flow = _mapping(front, "account", optional=True)
    _only("account: ", flow, ("login", "logged_in"))
    return flow


def _keys_in(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield key
            yield from _keys_in(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _keys_in(inside)


def _only(place: str, entry: dict[str, Any], known: Iterable[str]) -> None:
    from sessiondoctor.topology.hints import did_you_mean

    for key in entry:
        if key not in known:
            raise ValueError(f"{place}there is no key {key!r}{did_you_mean(str(key), list(known))}")


def _mapping(entry: dict[str, Any], key: str, *, optional: bool = False) -> dict[str, Any]:
    if optional and key not in entry:
        return {}
    value = entry.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"{key}: expected keys and values")  # noqa: TRY004 - a mistake in a file
    return value


def _text(entry: dict[str, Any], key: str, *, optional: bool = False) -> str:
    value = entry.get(key, "" if optional else None)
    if not isinstance(value, str) or not (value or optional):
        raise ValueError(f"{key}: expected a text")
    return value


def _truth(entry: dict[str, Any], key: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key}: expected true or false")  # noqa: TRY004 - a mistake in a file
    return value


def _texts(place: str, entry: dict[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise ValueError(f"{place}{key}: expected a list of texts")
    return tuple(value)
