"""PHP code that sets sessions up: ini_set, session_* functions, WordPress, phpMyAdmin, Nextcloud and Magento settings.

By patterns on the text; what code computes is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code import php
from sessiondoctor.configs.code.brackets import Code, Entry, literal
from sessiondoctor.configs.code.expressions import secret
from sessiondoctor.configs.code.php import Directive, value_of
from sessiondoctor.configs.values import seconds
from sessiondoctor.evidence.configs.application import ProxyTrust, SessionCookie, SessionStore, Setting
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.code.expressions import Value
    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import SecretUse, StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "PHP code: ini_set, session_*, wp-config.php, config.php of products (patterns on the text)"
_ONLY = regex(
    r"\bini_set\s*\(\s*['\"]session\.|\bsession_(?:set_cookie_params|save_path|set_save_handler|regenerate_id|cache_limiter)\s*\("
    r"|\bdefine\s*\(\s*['\"](?:AUTH_KEY|SECURE_AUTH_KEY|LOGGED_IN_KEY|NONCE_KEY|COOKIE_DOMAIN|COOKIEPATH|AUTH_SALT)['\"]"
    r"|\$cfg\s*\[\s*['\"]blowfish_secret|['\"](?:memcache\.distributed|overwriteprotocol|passwordsalt)['\"]\s*=>"
    r"|['\"]session['\"]\s*=>\s*(?:\[|array\()\s*['\"]save['\"]|\bnew\s+(?:\\?PHPSocketIO\\)?SocketIO\s*\("
)
_INI = regex(r"\bini_set\s*\(\s*['\"]([\w.]{1,60})['\"]\s*,\s*([^;\n]{1,300}?)\s*\)\s*;?")
_PATH = regex(r"\bsession_save_path\s*\(\s*(['\"][^;\n]{1,300}?)\s*\)")
_DEFINE = regex(
    r"\bdefine\s*\(\s*['\"](\w{1,60})['\"]\s*,\s*('[^'\n]{0,300}'|\"[^\"\n]{0,300}\"|[^;\n]{1,400}?)\s*\)\s*;"
)
_BLOWFISH = regex(r"\$cfg\s*\[\s*['\"]blowfish_secret['\"]\s*\]\s*=\s*([^;\n]{0,300});")
_PARAMS = regex(r"\bsession_set_cookie_params\s*\(")
_REGENERATED = regex(r"\bsession_regenerate_id\s*\(\s*true\s*\)")
_WORDS = ("session", "define", "blowfish", "memcache", "overwrite", "passwordsalt", "SocketIO")
_SOCKETS = regex(r"\bnew\s+(?:\\?PHPSocketIO\\)?SocketIO\s*\(")
_WORKERS = regex(r"\bworker\s*->\s*count\s*=\s*(\d{1,4})\s*;")
_LOGIN = regex(r"log[_ -]?in|logged|auth|password|user", re.IGNORECASE)
_KEYS = {f"{name}_{kind}" for name in ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE") for kind in ("KEY", "SALT")}
_PLACEHOLDER = "put your unique phrase here"
_NEXTCLOUD = regex(r"\\OC\\Memcache\\(\w{1,20})", re.IGNORECASE)
_SAVES: dict[str, StorePlace] = {
    "redis": "redis",
    "files": "files",
    "db": "sql",
    "memcached": "memcached",
    "memcache": "memcached",
}


def score(name: str, head: str) -> int:
    """Functions and settings of sessions in PHP."""
    if not any(word in head for word in _WORDS):
        return 0
    found = len(_ONLY.findall(head))
    return min(90, 68 + 6 * found) + (2 if name.endswith(".php") else 0) if found else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of one file."""
    code = Code(text.text)
    yield from php.facts(_directives(code, text))
    yield from _defined(code, text)
    yield from _params(code, text)
    yield from _arrays(code, text)
    yield from _regenerated(code, text)
    yield from _sockets(code, text)


def _directives(code: Code, text: Text) -> dict[str, Directive]:
    found: dict[str, Directive] = {}
    for one in _INI.finditer(code.plain):
        value = value_of(one[2]).known
        if value:
            found[one[1]] = Directive(one[1], value, text.at(code.line(one.start())))
    for one in _PATH.finditer(code.plain):
        if path := literal(one[1]):
            found["session.save_path"] = Directive("session.save_path", path, text.at(code.line(one.start())))
    return found


def _defined(code: Code, text: Text) -> Iterator[Fact]:
    for one in _DEFINE.finditer(code.plain):
        at = text.at(code.line(one.start()))
        if one[1] in _KEYS:
            use: SecretUse = "csrf" if one[1].startswith("NONCE") else "session"
            value = value_of(one[2])
            told = secret(value, use, one[1], "php", text, at) if value.text.strip().lower() != _PLACEHOLDER else None
            yield from [told] if told else []
        elif one[1] in {"COOKIE_DOMAIN", "COOKIEPATH"} and (word := value_of(one[2]).known):
            rule = CookieRule(domain=word) if one[1] == "COOKIE_DOMAIN" else CookieRule(path=word)
            yield SessionCookie(at=at, cookie=rule, stack="php")
    for one in _BLOWFISH.finditer(code.plain):
        at = text.at(code.line(one.start()))
        told = secret(value_of(one[1]), "cookie-encryption", "blowfish_secret", "php", text, at)
        yield from [told] if told else []


def _params(code: Code, text: Text) -> Iterator[Fact]:
    """session_set_cookie_params(['secure' => true ...]) or (lifetime, path, domain, secure, httponly)."""
    order = ("lifetime", "path", "domain", "secure", "httponly")
    for one in _PARAMS.finditer(code.plain):
        entries = code.entries(one.end() - 1)
        known = {order[int(entry.key)] if entry.key.isdigit() and int(entry.key) < len(order) else entry.key:
                 value_of(entry.value) for entry in entries}  # fmt: skip
        if any(word in known for word in ("lifetime", "path", "domain", "secure", "samesite")):
            yield SessionCookie(at=text.at(code.line(one.start())), cookie=_rule(known), stack="php")


def _rule(known: dict[str, Value]) -> CookieRule:
    def word(name: str) -> str:
        return known[name].known if name in known else ""

    flags = {"true": True, "1": True, "false": False, "0": False}
    return CookieRule(
        secure=flags.get(word("secure").lower()), http_only=flags.get(word("httponly").lower()), path=word("path"),
        domain=word("domain"), same_site=word("samesite").lower(), life_s=seconds(word("lifetime")),
    )  # fmt: skip


def _arrays(code: Code, text: Text) -> Iterator[Fact]:
    """Magento's env.php and Nextcloud's config.php."""
    opening = re.search(r"(?:return|\$\w+[ \t]*=)\s*(?:\[|array\s*\()", code.plain)
    if not opening:
        return
    entries = {entry.path: entry for entry in code.entries(opening.end() - 1)}
    yield from _magento(entries, code, text)
    for name in ("overwriteprotocol", "trusted_proxies"):
        if entry := entries.get((name,)):
            yield ProxyTrust(at=text.at(code.line(entry.offset)), trusts=True, setting=name, stack="php")
    entry = entries.get(("memcache.distributed",))
    if entry and (found := _NEXTCLOUD.search(entry.value.replace("\\\\", "\\"))):
        yield Setting(
            at=text.at(code.line(entry.offset)), name="memcache.distributed", value=found[1].lower(), stack="php"
        )
    if entry := entries.get(("secret",)):
        told = secret(value_of(entry.value), "session", "secret", "php", text, text.at(code.line(entry.offset)))
        yield from [told] if told and ("memcache.distributed",) in entries else []


def _magento(entries: dict[tuple[str, ...], Entry], code: Code, text: Text) -> Iterator[Fact]:
    save = entries.get(("session", "save"))
    place = _SAVES.get(literal(save.value) or "") if save else None
    if not save or not place:
        return

    def word(name: str) -> str:
        entry = entries.get(("session", "redis", name))
        return value_of(entry.value).known if entry else ""

    host = word("host")
    yield SessionStore(
        at=text.at(code.line(save.offset)), place=place, endpoint=f"{host}:{word('port') or 6379}" if host else "",
        database=word("database"), stack="php",
    )  # fmt: skip
    for name in ("max_concurrency", "disable_locking", "break_after_frontend", "max_lifetime"):
        if word(name):
            at = text.at(code.line(entries["session", "redis", name].offset))
            yield Setting(at=at, name=name, value=word(name), scope="session", stack="php")


def _regenerated(code: Code, text: Text) -> Iterator[Fact]:
    """An id that is replaced outside a login: parallel requests still carry the old one."""
    for one in _REGENERATED.finditer(code.plain):
        around = code.plain[max(0, one.start() - 1500) : one.end() + 500]
        at_login = "at login" if _LOGIN.search(around) else ""
        yield Setting(
            at=text.at(code.line(one.start())), name="session_regenerate_id(true)", value=at_login, stack="php"
        )


def _sockets(code: Code, text: Text) -> Iterator[Fact]:
    """phpsocket.io of Workerman: each of its worker processes knows the connections that it opened itself."""
    server = _SOCKETS.search(code.plain)
    told = _WORKERS.search(code.plain)
    if server and told and int(told[1]) > 1:
        at = text.at(code.line(told.start()))
        yield Workload(at=at, kind="workerman", workers=int(told[1]))
        yield Setting(at=at, name="socket.io", value="polling", stack="php")
