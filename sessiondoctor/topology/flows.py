"""What the steps of a flow must have to do with each other: one body, and braces that an earlier step fills."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessiondoctor.topology import hints
from sessiondoctor.topology.steps import Extract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.topology.document import Document, Path

LISTS = ("login", "logged_in", "write", "read", "form", "grow", "logout")
_MAKING = ("login", "write")  # every client has taken these steps before it takes those of another list
_ALWAYS = ("marker", "bytes", "action")
_FILLED = ("path", "form", "json", "fields", "query", "headers", "expect", "expect_regex")
_BRACES = re.compile(r"(?<!\$)\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BODILESS = ("GET", "HEAD")


def check_flow(document: Document) -> None:
    """Reports steps with two bodies, with a body that GET has not, and with braces that nothing fills."""
    known = {*_ALWAYS, *_account_names(document)}
    for key in LISTS:
        own = _check_steps(document, list(document.sections("site", "flow", key)), known)
        known |= own if key in _MAKING else set()
    increment = document.dig("site", "flow", "increment")
    if isinstance(increment, dict):
        path = ("site", "flow", "increment")
        _check_steps(document, [(path, increment)], known)
        _check_extract(document, (*path, "value"), increment.get("value"))
    _check_extract(document, ("site", "flow", "node"), document.dig("site", "flow", "node"))


def _account_names(document: Document) -> set[str]:
    """What every account gives a value; reports those that lack one."""
    accounts = [one for one in document.dig("site", "flow", "accounts") or () if isinstance(one, dict)]
    names = {name for account in accounts for name in account}
    for number, account in enumerate(accounts):
        for name in sorted(names - account.keys()):
            document.blame_key(("site", "flow", "accounts", number), f"the key '{name}' is missing, others have it")
    return names


def _check_steps(document: Document, steps: list[tuple[Path, dict[str, Any]]], before: set[str]) -> set[str]:
    """Checks a list of steps; returns the names that it extracts."""
    known = set(before)
    for path, step in steps:
        _check_body(document, path, step)
        _check_braces(document, path, step, known)
        extracts = step.get("extract", {})
        if not isinstance(extracts, dict):
            break
        for name in [one for one in step.get("same") or () if one not in known]:
            near = hints.did_you_mean(name, sorted(known))
            document.blame_key((*path, "same", name), f"no earlier step extracts {{{name}}}{near}")
        known.update(extracts)
        for name, extract in extracts.items():
            _check_extract(document, (*path, "extract", name), extract)
    return known - before


def _check_body(document: Document, path: Path, step: dict[str, Any]) -> None:
    auto = step.get("form") == "auto"
    if "fields" in step and not auto:
        document.blame_key((*path, "fields"), "fields go on top of form: auto; write them under form")
    if auto:
        return
    if "path" not in step:
        document.blame_key(path, "the key 'path' is missing")
    bodies = [key for key in ("form", "json") if key in step]
    if len(bodies) > 1:
        document.blame_key((*path, "json"), "expected either form or json in one step, found both")
    if bodies and str(step.get("method", "GET")).upper() in _BODILESS:
        document.blame_key((*path, bodies[0]), "a body needs method: POST, PUT, PATCH or DELETE in its step")


def _check_extract(document: Document, path: Path, extract: object) -> None:
    if isinstance(extract, dict) and len(extract) != 1:
        found = " and ".join(extract) or "none"
        document.blame_key(path, f"expected exactly one of {', '.join(hints.keys(Extract))}, found {found}")


def _check_braces(document: Document, path: Path, step: dict[str, Any], known: set[str]) -> None:
    """Looks at what the file has: braces that came from the environment are nobody's placeholder."""
    for key in _FILLED:
        for inside in _texts((*path, key), step.get(key)):
            unknown = sorted(set(_BRACES.findall(document.written(inside))) - known)
            if unknown:
                names = ", ".join(f"{{{name}}}" for name in unknown)
                near = hints.did_you_mean(unknown[0], sorted(known))
                document.blame_value(inside, f"no earlier step extracts {names}{near}")


def _texts(path: Path, value: object) -> Iterator[Path]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from _texts((*path, key), inside)
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from _texts((*path, index), inside)
