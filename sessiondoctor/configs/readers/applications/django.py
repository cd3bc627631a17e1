"""Django settings: session engine, caches, cookies, secret, trust of proxies (Python's syntax tree, never run)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code import python
from sessiondoctor.configs.code.expressions import secret
from sessiondoctor.configs.values import boolean, endpoint
from sessiondoctor.evidence.configs.application import ProxyTrust, SessionCookie, SessionIdle, SessionStore, Setting
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from sessiondoctor.configs.code.python import Assignment
    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

TITLE = "Django settings (Python, read and never run)"
_ONLY = regex(
    r"^[ \t]*(?:INSTALLED_APPS|MIDDLEWARE|ROOT_URLCONF|SESSION_ENGINE|SESSION_CACHE_ALIAS|SESSION_COOKIE_AGE"
    r"|SESSION_SERIALIZER|SESSION_SAVE_EVERY_REQUEST|SESSION_EXPIRE_AT_BROWSER_CLOSE|CSRF_TRUSTED_ORIGINS"
    r"|CSRF_COOKIE_\w+|CSRF_USE_SESSIONS"
    r"|SECURE_PROXY_SSL_HEADER|USE_X_FORWARDED_(?:HOST|PORT)|SECRET_KEY_FALLBACKS|WSGI_APPLICATION|ALLOWED_HOSTS"
    r"|CACHES[ \t]*=[ \t]*\{)",
    re.MULTILINE,
)
_ALSO = regex(r"^[ \t]*(?:SECRET_KEY|SESSION_COOKIE_(?:SECURE|SAMESITE|NAME|DOMAIN|PATH))[ \t]*=", re.MULTILINE)
_FLASK = regex(r"\bflask\b|app\.config\[|FLASK_|SQLALCHEMY_|PERMANENT_SESSION_LIFETIME|superset|airflow", re.IGNORECASE)
_ENGINES: dict[str, StorePlace] = {"db": "sql", "cached_db": "sql", "file": "files", "signed_cookies": "cookie"}
_BACKENDS: tuple[tuple[str, StorePlace], ...] = (
    ("locmem", "memory"), ("dummy", "memory"), ("redis", "redis"), ("memcached", "memcached"),
    ("pymemcache", "memcached"), ("pylibmc", "memcached"), ("filebased", "files"), ("database", "sql"), ("db.", "sql"),
)  # fmt: skip
_PORTS = {"redis": 6379, "memcached": 11211}


def score(name: str, head: str) -> int:
    """Settings that only Django has; SECRET_KEY with session cookies if nothing speaks for Flask."""
    found = len(_ONLY.findall(head))
    named = 3 if "settings" in name else 0
    if found and not (_FLASK.search(head) and found < 2):
        return min(92, 66 + 8 * found) + named
    return 58 + named if _ALSO.search(head) and "django" in head.lower() else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of one settings module; where a name is set twice the last one holds."""
    found = {one.name: one for one in python.assignments(python.statements(text.text)) if not one.owner}
    yield from _secrets(found, text)
    yield from _store(found, text)
    yield from _cookie(found, text)
    yield from _trust(found, text)


def _known(found: dict[str, Assignment], name: str) -> str:
    return python.value_of(found[name].value).known if name in found else ""


def _at(text: Text, one: Assignment) -> Location:
    return text.at(one.line)


def _secrets(found: dict[str, Assignment], text: Text) -> Iterator[Fact]:
    if one := found.get("SECRET_KEY"):
        told = secret(python.value_of(one.value), "session", "SECRET_KEY", "django", text, _at(text, one))
        yield from [told] if told else []


def _store(found: dict[str, Assignment], text: Text) -> Iterator[Fact]:
    engine = found.get("SESSION_ENGINE")
    name = _known(found, "SESSION_ENGINE").rpartition(".")[2]
    caches = dict(python.items(found["CACHES"].value)) if "CACHES" in found else {}
    age = python.value_of(found["SESSION_COOKIE_AGE"].value).known if "SESSION_COOKIE_AGE" in found else ""
    every = boolean(_known(found, "SESSION_SAVE_EVERY_REQUEST"))
    if engine and name in _ENGINES:
        folder = _known(found, "SESSION_FILE_PATH") if name == "file" else ""
        yield SessionStore(
            at=_at(text, engine), place=_ENGINES[name], endpoint=folder, sliding=every,
            serializer=_known(found, "SESSION_SERIALIZER").rpartition(".")[2], stack="django",
        )  # fmt: skip
    elif engine and name == "cache":
        yield from _cache_store(found, caches, text, engine)
    if _is_number(age):
        yield SessionIdle(at=_at(text, found["SESSION_COOKIE_AGE"]), seconds=float(age), setting="SESSION_COOKIE_AGE",
                          stack="django")  # fmt: skip
    if "SESSION_SAVE_EVERY_REQUEST" in found and every is not None:
        one = found["SESSION_SAVE_EVERY_REQUEST"]
        yield Setting(at=_at(text, one), name="SESSION_SAVE_EVERY_REQUEST", value=str(every), stack="django")


def _is_number(word: str) -> bool:
    return bool(re.fullmatch(r"[0-9.]{1,12}(?:e\+?[0-9]{1,2})?", word)) and word.count(".") <= 1


def _cache_store(
    found: dict[str, Assignment], caches: dict[str, ast.expr], text: Text, engine: Assignment
) -> Iterator[Fact]:
    """The cache that sessions are in; without CACHES it is the memory of one process."""
    alias = _known(found, "SESSION_CACHE_ALIAS") or "default"
    if alias not in caches:
        if "CACHES" not in found:
            yield SessionStore(at=_at(text, engine), place="memory", default=True, stack="django")
        return
    settings = dict(python.items(caches[alias]))
    backend = python.value_of(settings.get("BACKEND")).known.lower()
    place: StorePlace = next((place for word, place in _BACKENDS if word in backend), "other")
    where, database = endpoint(_location(settings.get("LOCATION")), _PORTS.get(place, 0))
    prefix = settings.get("KEY_PREFIX")
    options = dict(python.items(settings.get("OPTIONS")))
    yield SessionStore(
        at=text.at(caches[alias].lineno), place=place, endpoint=where if place != "memory" else "", database=database,
        prefix=python.value_of(prefix).known if prefix else None, stack="django",
        serializer=python.value_of(options.get("SERIALIZER")).known.rpartition(".")[2],
    )  # fmt: skip


def _location(node: ast.expr | None) -> str:
    import ast

    first = node.elts[0] if isinstance(node, (ast.List, ast.Tuple)) and node.elts else node
    return python.value_of(first).known


def _cookie(found: dict[str, Assignment], text: Text) -> Iterator[Fact]:
    names = [name for name in found if name.startswith("SESSION_COOKIE_") and name != "SESSION_COOKIE_AGE"]
    if not names:
        return
    same_site = _known(found, "SESSION_COOKIE_SAMESITE")
    yield SessionCookie(
        at=_at(text, found[names[0]]),
        stack="django",
        cookie=CookieRule(
            name=_known(found, "SESSION_COOKIE_NAME"),
            secure=boolean(_known(found, "SESSION_COOKIE_SECURE")),
            http_only=boolean(_known(found, "SESSION_COOKIE_HTTPONLY")),
            same_site="" if same_site == "False" else same_site.lower(),
            path=_known(found, "SESSION_COOKIE_PATH"),
            domain=_known(found, "SESSION_COOKIE_DOMAIN"),
        ),
    )


def _trust(found: dict[str, Assignment], text: Text) -> Iterator[Fact]:
    if one := found.get("SECURE_PROXY_SSL_HEADER"):
        trusts = python.value_of(one.value).kind != "none"
        yield ProxyTrust(at=_at(text, one), trusts=trusts, setting="SECURE_PROXY_SSL_HEADER", stack="django")
    for name in ("USE_X_FORWARDED_HOST", "CSRF_USE_SESSIONS"):
        if name in found and (told := boolean(_known(found, name))) is not None:
            yield Setting(at=_at(text, found[name]), name=name, value=str(told), stack="django")
