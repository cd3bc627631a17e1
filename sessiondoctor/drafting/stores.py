"""From facts of configuration to the stores of a topology file."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.configs.recognition import room_of
from sessiondoctor.drafting.parts import NOTHING, StorePart, Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sessiondoctor.evidence.configs.application import SessionStore
    from sessiondoctor.evidence.configs.files import Configs

_SCHEMES = {"redis": "redis", "memcached": "memcached"}
_PORTS = {"redis": 6379, "memcached": 11211}
_KINDS = {"redis": "redis", "valkey": "redis", "sentinel": "redis", "memcached": "memcached"}
_LOOKED_INTO = {"redis", "memcached", "sql", "files"}
_WITH_PASSWORD = re.compile(
    r"://[^/@\s\"']*:[^/@\s\"']+@|^\s*requirepass\s+\S|redis\S*pass\w*[\"']?\s*[:=]\s*[\"']?[^\s\"'#]",
    re.IGNORECASE | re.MULTILINE,
)
_NO_PASSWORD = re.compile(r"pass\w*[\"']?\s*[:=]\s*[\"']?(?:null|none|~|false)\b", re.IGNORECASE)
_VARIABLE = re.compile(
    r"\$\{?([A-Z][A-Z0-9_]{2,60})\}?@|pass\w*[\"']?\s*[:=]\s*[\"']?\$\{([A-Z][A-Z0-9_]{2,60})", re.IGNORECASE
)
_MOST = 1024 * 1024
_LAST_DATABASE = 3  # digits


def stores_of(configs: Configs, shown: Callable[[str], str]) -> tuple[StorePart, ...]:
    """The stores of sessions that files name: that of most files first, called `sessions`."""
    told = [one for one in configs.session_stores if one.place in _LOOKED_INTO]
    owners = list(dict.fromkeys(one.owner for one in told))
    places = [place_of([one for one in told if one.owner == owner]) for owner in owners]
    counted = Counter(place.value for place in places if place)
    parts = [_store(number, next(one for one in places if one.value == url), told)
             for number, (url, _) in enumerate(counted.most_common(), 1)]  # fmt: skip
    if not parts:
        parts = [_unplaced(one) for one in told if one.role == "session"][:1]
    return _with_files(parts[:4], configs, shown)


def place_of(stores: Sequence[SessionStore]) -> Told:
    """Where one owner's sessions are, as a URL without a password; empty if his files do not say.

    The setting that says Redis and the one that says which often are two.
    """
    own = [one for one in stores if one.role == "session"]
    if own and own[0].place not in {*_SCHEMES, "files"}:
        return NOTHING
    wanted = own[0].place if own else ""
    ranked = [one for one in (*own, *stores) if one.endpoint and wanted in {"", one.place}]
    database = next((one.database for one in (*own, *ranked) if one.database), "")
    for one in ranked:
        if url := _url(one.place, one.endpoint, database):
            return Told(url, f"{one.at.file}:{one.at.line}")
    return NOTHING


def _url(place: str, endpoint: str, database: str) -> str:
    if place == "files":
        return f"file://{endpoint}" if re.fullmatch(r"/[\w./-]{1,200}", endpoint) else ""
    if place == "redis" and re.fullmatch(r"/[\w./-]{1,200}", endpoint):
        return f"unix:{endpoint}"
    found = re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?", endpoint)
    if place not in _SCHEMES or not found:
        return ""
    where = f"{_SCHEMES[place]}://{found[1]}:{found[2] or _PORTS[place]}"
    number = database if database.isdecimal() and len(database) <= _LAST_DATABASE else "0"
    return f"{where}/{number}" if place == "redis" else where


def _store(number: int, place: Told, told: Iterable[SessionStore]) -> StorePart:
    kind = {"redis": "redis", "unix": "redis", "memcached": "memcached"}.get(place.value.partition(":")[0], "files")
    prefix = next((one for one in told if one.prefix and one.place == kind and one.role == "session"), None)
    keys = Told(f"{prefix.prefix}*", f"{prefix.at.file}:{prefix.at.line}") if prefix else NOTHING
    host = place.value.partition("://")[2].partition("/")[0].rpartition(":")[0]
    file = place.by.rpartition(":")[0]
    reachable = kind == "files" or not host or "." in host or ":" in host or host == "localhost"
    return StorePart(
        "sessions" if number == 1 else f"sessions{number}", kind, place, _password(file, kind), reachable, keys
    )


def _unplaced(one: SessionStore) -> StorePart:
    return StorePart(
        "sessions", one.place, keys=Told(f"{one.prefix}*", f"{one.at.file}:{one.at.line}") if one.prefix else NOTHING
    )


def _password(file: str, kind: str) -> str:
    """The variable for a store's password, if the file that names the store has one; the file's own name for it."""
    if kind not in _SCHEMES:
        return ""
    try:
        with Path(file).open("rb") as opened:
            text = opened.read(_MOST).decode("utf-8", "replace")
    except OSError:
        return ""
    found = _WITH_PASSWORD.search(_NO_PASSWORD.sub("", text))
    if not found:
        return ""
    named = _VARIABLE.search(text)
    return ((named[1] or named[2]).upper() if named else "") or f"{kind.upper()}_PASSWORD"


def _with_files(parts: list[StorePart], configs: Configs, shown: Callable[[str], str]) -> tuple[StorePart, ...]:
    """The stores with their servers' own files; a file of a store that nobody names is a store."""
    from dataclasses import replace

    found = list(parts)
    for file in configs.files:
        if not file.format or room_of(file.format) != "stores":
            continue
        kind = _KINDS.get(file.format.split("-")[0], "sql")
        place = next((number for number, part in enumerate(found) if part.kind == kind), None)
        if place is None:
            found.append(StorePart(file.owner if file.owner != file.name else kind, kind, config=(shown(file.name),)))
        else:
            found[place] = replace(found[place], config=(*found[place].config, shown(file.name)))
    return tuple(found)
