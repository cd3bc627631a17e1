"""Facts in set-up code of Node applications; each function looks for one thing in the whole text."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from sessiondoctor.configs.code.brackets import Code, Entry, strings
from sessiondoctor.configs.code.expressions import secret
from sessiondoctor.configs.code.javascript import value_of
from sessiondoctor.configs.commands import MANY, counted
from sessiondoctor.configs.values import boolean, endpoint
from sessiondoctor.evidence.configs.application import ProxyTrust, SessionCookie, SessionIdle, SessionStore, Setting
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

Entries = dict[tuple[str, ...], Entry]

_MOST_CALLS = 30  # of one kind in a file: each is read to its end
_CALL = regex(r"\b(?:[\w$]*[sS]ession|expressSession|fastifySession)\s*\(\s*\{")
_BARE = regex(r"\b(?:resave|saveUninitialized)\s*:")
_BARE_COOKIE = regex(r"\bcookie\s*:\s*\{[^}]{0,300}\b(?:maxAge|sameSite|secure)\b")
_COOKIES = regex(r"\bcookie[sS]ession\s*\(\s*\{|\bgetIronSession\s*\(|\bironOptions\b[^={]{0,60}=\s*\{")
_STORES: tuple[tuple[str, StorePlace], ...] = (
    ("memorystore", "memory"), ("redis", "redis"), ("valkey", "redis"), ("memcached", "memcached"),
    ("pg", "sql"), ("postgres", "sql"), ("mysql", "sql"), ("sequelize", "sql"), ("knex", "sql"), ("typeorm", "sql"),
    ("prisma", "sql"), ("sqlite", "sql"), ("sql", "sql"), ("file", "files"), ("mongo", "other"), ("dynamo", "other"),
    ("firestore", "other"), ("couch", "other"), ("level", "files"), ("nedb", "files"), ("memory", "memory"),
)  # fmt: skip
_TRUST = regex(
    r"\.(?:set\(\s*['\"]trust proxy['\"]\s*,\s*(?P<set>[^)\n]{1,80})\)|enable\(\s*['\"]trust proxy['\"]\s*\))"
    r"|\btrustProxy\s*:\s*(?P<fastify>[\w'\"\[]{1,30})|\bapp\.proxy\s*=\s*(?P<koa>true|false)"
)
_CLIENT = regex(
    r"\b(?:createClient|new (?:Io)?Redis|new Valkey|createCluster)\s*\(\s*(?P<opening>\{|['\"`])", re.IGNORECASE
)
_TOKENS = regex(r"\b(?:NextAuth|authOptions\b[^={]{0,60}=)\s*\(?\s*\{|\bAuthOptions\s*=\s*\{")
_SERVER = regex(
    r"\bnew\s+(?:Server|SocketServer|SocketIOServer|IOServer)\s*\(|require\(['\"]socket\.io['\"]\)\s*\(|\bsocketio\s*\(|\bsocketIo\s*\("
)
_OTHER_SERVERS = regex(r"\bfrom\s+['\"](?:ws|http|https|@modelcontextprotocol)|McpServer")
_ADAPTER = regex(r"\.adapter\s*\(|\badapter\s*:|createAdapter\s*\(|setupWorker\s*\(|setupMaster\s*\(|setupPrimary\s*\(")
_STICKY = regex(r"@socket\.io/(?:sticky|cluster-engine)|\bsticky-session\b|setupWorker\s*\(")  # by its primary
_SOCKET_CLIENT = regex(
    r"(?<![\w.$])io(?:\.connect)?\s*\(\s*['\"`](?P<url>(?:https?|wss?)://(?!localhost|127\.)[^'\"`\n]{1,200})['\"`]"
)
_INSTANCES = regex(r"\binstances\s*:\s*['\"]?(-?\w{1,10})")
_FORK = regex(r"\bcluster\.fork\s*\(|\bnew\s+Cluster\b[^;\n]{0,80}fork")
_PRODUCTION = regex(r"NODE_ENV\s*===?\s*['\"]production['\"]|^(?:is)?[pP]rod(?:uction)?$")


def sessions(code: Code, text: Text) -> Iterator[Fact]:
    """express-session, and what takes its options."""
    seen: set[int] = set()
    for found in islice(_CALL.finditer(code.plain), _MOST_CALLS):
        start = found.end() - 1
        entries: Entries = {entry.path: entry for entry in code.entries(start)}
        if {("resave",), ("saveUninitialized",), ("store",)} & entries.keys() or (
            ("secret",) in entries and "express-session" in code.plain
        ):
            seen.add(start)
            yield from _options(entries, code, text, start, whole=code.closed(start))
    if not seen and (bare := _BARE.search(code.plain)):
        entries = {entry.path: entry for entry in _around(code, bare.start())}
        yield from _options(entries, code, text, bare.start(), whole=False)
    elif not seen and (bare := _BARE_COOKIE.search(code.plain)):
        inside = {entry.path: entry for entry in code.entries(code.plain.index("{", bare.start()), ("cookie",))}
        yield from _cookie(inside, code, text)


def _around(code: Code, offset: int) -> list[Entry]:
    """The options that an option stands among."""
    opening = code.plain.rfind("{", 0, offset)
    if opening >= 0 and "cookie" in code.plain[max(0, opening - 12) : opening]:
        closing = code.plain.rfind("{", 0, opening)
        opening = closing if closing >= 0 else opening
    if opening >= 0:
        return code.entries(opening)
    inside = Code("{" + code.plain)
    return [Entry(one.path, one.value, max(one.offset - 1, 0), max(one.inside - 1, 0)) for one in inside.entries(0)]


def _options(entries: Entries, code: Code, text: Text, start: int, *, whole: bool) -> Iterator[Fact]:
    here = text.at(code.line(start))
    spread = any(entry.value.startswith("...") for entry in entries.values())
    if store := entries.get(("store",)):
        yield from _store(store, code, text)
    elif whole and not spread:
        yield SessionStore(at=here, place="memory", default=True, stack="express")
    if one := entries.get(("secret",)):
        value = value_of(one.value or one.key, code.plain)
        told = secret(value, "session", "secret", "express", text, text.at(code.line(one.offset)))
        yield from [told] if told else []
    yield from _cookie(entries, code, text)
    if (one := entries.get(("proxy",))) and one.value == "true":
        yield ProxyTrust(at=text.at(code.line(one.offset)), trusts=True, setting="proxy", stack="express")


def _store(entry: Entry, code: Code, text: Text) -> Iterator[Fact]:
    """The store of the option `store`, or of the constant that it names."""
    written, place_of = entry.value or entry.key, entry.offset
    if re.fullmatch(r"[\w$.]{1,60}", written):
        name = re.escape(written.rpartition(".")[2])
        found = re.search(
            rf"\b{name}\s*(?::[^=\n]{{1,60}})?=\s*(?P<value>(?:new\s+|await\s+)?[\w.]+\s*\([^;]{{0,600}})", code.plain
        )
        if found:
            written, place_of = found["value"], found.start("value")
    name = re.sub(r"^(?:new|await)\s+", "", written).split("(")[0].lower()
    place: StorePlace = next((place for word, place in _STORES if word in name), "other")
    opening = code.plain.find("{", place_of, place_of + 200)
    inner: Entries = {one.path: one for one in code.entries(opening)} if opening >= 0 else {}
    prefix, life = inner.get(("prefix",)), inner.get(("ttl",))
    touch = inner.get(("disableTouch",))
    where, database = (
        next(((where, base) for _, where, base in _clients(code)), ("", "")) if place == "redis" else ("", "")
    )
    yield SessionStore(
        at=text.at(code.line(entry.offset)), place=place, endpoint=where, database=database, stack="express",
        prefix=value_of(prefix.value, code.plain).known if prefix else None,
        ttl_s=_figure(life.value, code) if life and place == "redis" else None,
        sliding=False if touch and boolean(touch.value) else None,
    )  # fmt: skip


def _figure(expression: str, code: Code) -> float | None:
    known = value_of(expression, code.plain).known
    return float(known) if re.fullmatch(r"[0-9.]{1,15}(?:e\+[0-9]{1,2})?", known) and known.count(".") <= 1 else None


def _cookie(entries: Entries, code: Code, text: Text) -> Iterator[Fact]:
    def word(name: str) -> str:
        one = entries.get(("cookie", name))
        return value_of(one.value, code.plain).known if one else ""

    told = next((one for path, one in entries.items() if path[0] in {"cookie", "name"}), None)
    first = entries.get(("cookie", "secure")) or told
    if not first:
        return
    secure = entries.get(("cookie", "secure"))
    name = entries.get(("name",)) or entries.get(("key",))
    age = entries.get(("cookie", "maxAge"))
    life = _figure(age.value, code) if age else None
    rule = CookieRule(
        name=value_of(name.value, code.plain).known if name else "", secure=_secure(secure.value) if secure else None,
        http_only=boolean(word("httpOnly")), same_site=word("sameSite").lower(),
        path=word("path"), domain=word("domain"),
        life_s=life / 1000 if life is not None else None,
    )  # fmt: skip
    rolling = entries.get(("rolling",))
    yield SessionCookie(
        at=text.at(code.line(first.offset)), cookie=rule, stack="express",
        rolling=boolean(rolling.value) if rolling else None,
    )  # fmt: skip
    if life and age:
        at = text.at(code.line(age.offset))
        yield SessionIdle(at=at, seconds=life / 1000, setting="cookie.maxAge", stack="express")


def _secure(expression: str) -> bool | None:
    """`process.env.NODE_ENV === 'production'` is true where it matters; 'auto' follows the request."""
    if _PRODUCTION.search(expression.strip()):
        return True
    return boolean(expression)


def cookie_sessions(code: Code, text: Text) -> Iterator[Fact]:
    """cookie-session and iron-session: the session is in the cookie, and its keys sign or encrypt it."""
    for found in islice(_COOKIES.finditer(code.plain), _MOST_CALLS):
        opening = code.plain.find("{", found.start(), found.end() + 200)
        if opening < 0:
            continue
        entries = {entry.path: entry for entry in code.entries(opening)}
        at = text.at(code.line(found.start()))
        yield SessionStore(at=at, place="cookie", stack="express")
        for name in ("keys", "secret", "password"):
            if one := entries.get((name,)):
                value = value_of(one.value or one.key, code.plain)
                told = secret(value, "session", name, "express", text, text.at(code.line(one.offset)))
                yield from [told] if told else []
                break


def tokens(code: Code, text: Text) -> Iterator[Fact]:
    """NextAuth and Auth.js."""
    for found in islice(_TOKENS.finditer(code.plain), _MOST_CALLS):
        entries = {entry.path: entry for entry in code.entries(found.end() - 1)}
        if (one := entries.get(("secret",))) and (("providers",) in entries or ("session",) in entries):
            value = value_of(one.value or one.key, code.plain)
            told = secret(value, "token", "secret", "express", text, text.at(code.line(one.offset)))
            yield from [told] if told else []


def trusts(code: Code, text: Text) -> Iterator[Fact]:
    """`trust proxy` and its like."""
    for found in islice(_TRUST.finditer(code.plain), _MOST_CALLS):
        word = (found["set"] or found["fastify"] or found["koa"] or "true").strip()
        yield ProxyTrust(
            at=text.at(code.line(found.start())), trusts=word not in {"false", "0"},
            setting="trustProxy" if found["fastify"] else "proxy" if found["koa"] else "trust proxy", stack="express",
        )  # fmt: skip


def stores(code: Code, text: Text) -> Iterator[Fact]:
    """Clients of Redis where no session store is set up beside them: what they are for is not known."""
    if re.search(r"connect-redis|\bRedisStore\b", code.plain):
        return
    for offset, where, database in _clients(code):
        at = text.at(code.line(offset))
        yield SessionStore(at=at, place="redis", endpoint=where, database=database, role="unknown", stack="express")


def _clients(code: Code) -> Iterator[tuple[int, str, str]]:
    """Where each stands and connects."""
    for found in islice(_CLIENT.finditer(code.plain), _MOST_CALLS):
        if found["opening"] == "{":
            entries = {entry.path: entry for entry in code.entries(found.end() - 1)}
            where, database = _address(entries, code)
        else:
            where, database = endpoint(next(strings(code.plain[found.end() - 1 : found.end() + 300]), ""), 6379)
        if where:
            yield found.start(), where, database


def _address(entries: Entries, code: Code) -> tuple[str, str]:
    def word(*path: str) -> str:
        one = entries.get(path)
        value = value_of(one.value, code.plain) if one else None
        return value.known if value else ""

    if word("url"):
        return endpoint(word("url"), 6379)
    host = word("host") or word("socket", "host")
    database = word("db") or word("database")
    return (f"{host}:{word('port') or word('socket', 'port') or 6379}", database) if host else ("", "")


def sockets(code: Code, text: Text) -> Iterator[Fact]:
    """Socket.IO: without `transports: ['websocket']` a client begins with polling, several requests of one session."""
    if "socket.io" in code.plain and not re.search(r"socket\.io-client", code.plain):
        found = _SERVER.search(code.plain)
        if found and not _OTHER_SERVERS.search(code.plain[found.start() : found.start() + 80]):
            span = code.span(found.end() - 1)
            shared = "sticky" if _STICKY.search(code.plain) else "shared" if _ADAPTER.search(code.plain) else ""
            yield Setting(at=text.at(code.line(found.start())), name="socket.io", value=_transports(span), scope=shared,
                          stack="express")  # fmt: skip
    for found in _SOCKET_CLIENT.finditer(code.plain):
        span = code.plain[found.start() : found.start() + 600].split(");")[0]
        if _transports(span) == "polling":
            credentials = re.search(r"withCredentials\s*:\s*true", span)
            yield Setting(at=text.at(code.line(found.start())), name="socket.io-client",
                          value="with credentials" if credentials else "no credentials", stack="express")  # fmt: skip


def _transports(span: str) -> str:
    found = re.search(r"\btransports\s*:\s*\[([^\]]{0,100})", span)
    return "websocket" if found and "polling" not in found[1] else "polling"


def processes(code: Code, text: Text) -> Iterator[Fact]:
    """PM2's instances and Node's cluster."""
    if "exec_mode" in code.plain or "module.exports" in code.plain:
        for found in _INSTANCES.finditer(code.plain):
            number = counted(found[1])
            if number:
                yield Workload(at=text.at(code.line(found.start())), kind="pm2", workers=number)
    if fork := _FORK.search(code.plain):
        yield Workload(at=text.at(code.line(fork.start())), kind="node cluster", workers=MANY)
