"""Laravel's config/session.php, config/cache.php and config/app.php: arrays by brackets, `env()` by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code.brackets import Code, Entry, number
from sessiondoctor.configs.code.expressions import secret
from sessiondoctor.configs.code.php import value_of
from sessiondoctor.configs.values import boolean
from sessiondoctor.evidence.configs.application import SessionCookie, SessionIdle, SessionStore, Setting
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Laravel config/session.php, config/cache.php, config/app.php (patterns on the text)"
_ONLY = regex(
    r"['\"](?:expire_on_close|lottery)['\"]\s*=>|env\s*\(\s*['\"](?:SESSION_|CACHE_PREFIX|CACHE_DRIVER|CACHE_STORE|APP_KEY)\w*['\"]"
    r"|['\"]driver['\"]\s*=>\s*['\"](?:file|cookie|database|apc|memcached|redis|dynamodb|array)['\"]\s*,"
)
_CALL = regex(r"^\s*env\s*\(")
_DRIVERS: dict[str, StorePlace] = {
    "file": "files", "array": "memory", "cookie": "cookie", "database": "sql", "redis": "redis",
    "memcached": "memcached", "dynamodb": "other", "apc": "memory",
}  # fmt: skip
_OF_RELEASE = regex(r"base_path\s*\(|__DIR__|realpath\s*\(|getcwd\s*\(|\btime\s*\(|filemtime\s*\(|git_|uniqid\s*\(")


def score(name: str, head: str) -> int:
    """Keys of its configuration, and `env()` of its variables."""
    found = len(_ONLY.findall(head))
    return min(91, 66 + 8 * found) + (3 if name in {"session.php", "cache.php", "app.php"} else 0) if found else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of one file; of `env('X', default)` only what does not depend on X."""
    code = Code(text.text)
    opening = re.search(r"return\s*(?:\[|array\s*\()", code.plain)
    whole = opening.end() - 1 if opening else None
    entries = code.entries(whole) if whole is not None else _fragment(code)
    known = {entry.path: entry for entry in entries}
    if ("driver",) in known or ("lifetime",) in known:
        yield from _session(known, code, text)
    yield from _prefix(entries, code, text)
    if key := known.get(("key",)):
        told = secret(value_of(key.value), "session", "APP_KEY", "laravel", text, text.at(code.line(key.offset)))
        yield from [told] if told and told.variable == "APP_KEY" and ("cipher",) in known else []


def _fragment(code: Code) -> list[Entry]:
    """Lines of an array, without its brackets."""
    inside = Code(f"[{code.plain}]")
    return [Entry(one.path, one.value, max(one.offset - 1, 0), max(one.inside - 1, 0)) for one in inside.entries(0)]


def _session(known: dict[tuple[str, ...], Entry], code: Code, text: Text) -> Iterator[Fact]:
    def entry(name: str) -> Entry | None:
        return known.get((name,))

    def word(name: str) -> str:
        one = entry(name)
        return value_of(one.value).known if one else ""

    driver = entry("driver")
    if driver and word("driver") in _DRIVERS:
        yield SessionStore(at=text.at(code.line(driver.offset)), place=_DRIVERS[word("driver")], stack="laravel")
    lifetime = entry("lifetime")
    if lifetime and (minutes := number(lifetime.value)):
        yield SessionIdle(
            at=text.at(code.line(lifetime.offset)), seconds=minutes * 60, setting="lifetime", stack="laravel"
        )
    told = [one for name in ("secure", "domain", "same_site", "path", "cookie") if (one := entry(name)) and word(name)]
    if told and driver:
        rule = CookieRule(
            name=word("cookie"), secure=boolean(word("secure")), http_only=boolean(word("http_only")),
            same_site=word("same_site").lower(), domain=word("domain"), path=word("path"),
        )  # fmt: skip
        yield SessionCookie(at=text.at(code.line(told[0].offset)), cookie=rule, stack="laravel")


def _prefix(entries: list[Entry], code: Code, text: Text) -> Iterator[Fact]:
    """A prefix that is computed from the folder of the release, or from the time."""
    for one in entries:
        if one.key == "prefix" and (found := _OF_RELEASE.search(one.value)):
            what = found[0].rstrip("( \t\n")
            yield Setting(at=text.at(code.line(one.offset)), name="prefix", value=what, scope="cache", stack="laravel")
