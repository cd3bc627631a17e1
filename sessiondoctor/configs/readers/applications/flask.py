"""Flask, Superset, Airflow, Starlette and FastAPI: set-up in Python, read by its syntax tree and never run."""

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
    from collections.abc import Iterator

    from sessiondoctor.configs.code.expressions import Value
    from sessiondoctor.configs.code.python import Assignment, Called
    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import SecretUse, StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Flask, Superset, Airflow, Starlette and FastAPI set-up (Python, read and never run)"
_ONLY = regex(
    r"\bFlask\(__name__|\bapp\.secret_key\b|\bapp\.config\[|\bapp\.config\.(?:update|from_mapping)\(|\bSESSION_TYPE\b"
    r"|\bPERMANENT_SESSION_LIFETIME\b|\bSESSION_REFRESH_EACH_REQUEST\b|\bWTF_CSRF_\w+|\bTALISMAN_CONFIG\b"
    r"|\bSUPERSET_\w+|\bSESSION_REDIS\b|\bSessionMiddleware\b|\bProxyFix\b|\bflask_session\b|\b(?:SocketIO|AsyncServer)\("
    r"|\bENABLE_PROXY_FIX\b|\bcreate_app\(\):|\bFASTAPI\b|\bjwt\.encode\(",
)
_SECRET = regex(
    r"^[ \t]*(?:\w+\.)?(?:SECRET_KEY|secret_key|JWT_SECRET_KEY|JWT_SECRET|SESSION_SECRET)\b[^\n=]{0,40}=[^=]",
    re.MULTILINE,
)
_TYPES: dict[str, StorePlace] = {
    "redis": "redis", "memcached": "memcached", "filesystem": "files", "mongodb": "other", "sqlalchemy": "sql",
    "cachelib": "files", "dynamodb": "other", "null": "cookie",
}  # fmt: skip
_SECRETS: dict[str, SecretUse] = {
    "SECRET_KEY": "session", "secret_key": "session", "WTF_CSRF_SECRET_KEY": "csrf", "JWT_SECRET_KEY": "token",
    "JWT_SECRET": "token", "SESSION_SECRET": "session",
}  # fmt: skip
_APPLICATIONS = {"app", "application", "server", "config", "conf", "settings", "flask_app", "api", "self"}


def score(name: str, head: str) -> int:
    """Words of Flask's and Starlette's set-up; SECRET_KEY alone if it is assigned in Python."""
    found = len(_ONLY.findall(head))
    if found and re.search(r"^[ \t]*(?:from|import|def|class|@?\w[\w.\[\]\"']*[ \t]*(?:=|\())", head, re.MULTILINE):
        return min(88, 62 + 5 * found)
    python_ = name.endswith(".py") or re.search(r"\b(?:os\.(?:urandom|environ|getenv)|secrets\.token_)", head)
    return 55 if _SECRET.search(head) and python_ else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of one module; where a name is set twice the last one holds."""
    body = python.statements(text.text)
    found = {one.name: one for one in python.assignments(body) if _of_application(one)}
    calls = list(python.calls(body))
    yield from _secrets(found, calls, text)
    yield from _store(found, text)
    yield from _idle(found, text)
    yield from _cookie(found, text)
    yield from _trust(found, calls, text)
    yield from _socket(calls, text)


def _of_application(one: Assignment) -> bool:
    if not one.owner:
        return one.name.isupper()
    return one.owner.split(".")[0] in _APPLICATIONS or one.owner.endswith((".config", "app"))


def _known(found: dict[str, Assignment], name: str) -> str:
    return python.value_of(found[name].value).known if name in found else ""


def _secrets(found: dict[str, Assignment], calls: list[Called], text: Text) -> Iterator[Fact]:
    for name, use in _SECRETS.items():
        if name in found:
            at = text.at(found[name].line)
            told = secret(_resolved(found, name), use, name.upper(), "flask", text, at)
            yield from [told] if told else []
    for call in calls:
        argument = call.arguments.get("secret_key")
        middleware = call.name.endswith("SessionMiddleware") or "middleware" in call.name
        if argument is not None and middleware:
            told = secret(python.value_of(argument), "session", "secret_key", "flask", text, text.at(argument.lineno))
            yield from [told] if told else []


def _resolved(found: dict[str, Assignment], name: str) -> Value:
    """A value; of `app.secret_key = KEY` that of the plain name KEY."""
    value = python.value_of(found[name].value)
    other = python.dotted(found[name].value)
    if value.kind == "unknown" and other in found and other != name:
        return python.value_of(found[other].value)
    return value


def _store(found: dict[str, Assignment], text: Text) -> Iterator[Fact]:
    one = found.get("SESSION_TYPE")
    kind = _known(found, "SESSION_TYPE").lower()
    if one and kind in _TYPES:
        where, database = _endpoint(found)
        folder = _known(found, "SESSION_FILE_DIR")
        prefix = found.get("SESSION_KEY_PREFIX")
        yield SessionStore(
            at=text.at(one.line), place=_TYPES[kind], endpoint=folder if _TYPES[kind] == "files" else where,
            database=database, prefix=python.value_of(prefix.value).known if prefix else None,
            serializer=_known(found, "SESSION_SERIALIZATION_FORMAT"), stack="flask",
        )  # fmt: skip


def _endpoint(found: dict[str, Assignment]) -> tuple[str, str]:
    """Of `redis.from_url("redis://...")`, `Redis(host=..., port=..., db=...)`."""
    import ast

    node = found["SESSION_REDIS"].value if "SESSION_REDIS" in found else None
    if not isinstance(node, ast.Call):
        return "", ""
    if python.dotted(node.func).endswith("from_url") and node.args:
        return endpoint(python.value_of(node.args[0]).known, 6379)
    given = {keyword.arg: python.value_of(keyword.value).known for keyword in node.keywords}
    host = given.get("host", "") if "host" in given else python.value_of(node.args[0]).known if node.args else ""
    return (f"{host}:{given.get('port') or 6379}", given.get("db", "")) if host else ("", "")


def _idle(found: dict[str, Assignment], text: Text) -> Iterator[Fact]:
    one = found.get("PERMANENT_SESSION_LIFETIME") or found.get("permanent_session_lifetime")
    known = python.value_of(one.value).known if one else ""
    if one and re.fullmatch(r"[0-9.]{1,12}", known) and known.count(".") <= 1:
        yield SessionIdle(
            at=text.at(one.line), seconds=float(known), setting="PERMANENT_SESSION_LIFETIME", stack="flask"
        )
    renewed = found.get("SESSION_REFRESH_EACH_REQUEST")
    if renewed and (told := boolean(_known(found, "SESSION_REFRESH_EACH_REQUEST"))) is not None:
        yield Setting(at=text.at(renewed.line), name="SESSION_REFRESH_EACH_REQUEST", value=str(told), stack="flask")


def _cookie(found: dict[str, Assignment], text: Text) -> Iterator[Fact]:
    names = [name for name in found if name.startswith("SESSION_COOKIE_")]
    secure = boolean(_known(found, "SESSION_COOKIE_SECURE"))
    talisman = dict(python.items(found["TALISMAN_CONFIG"].value)) if "TALISMAN_CONFIG" in found else {}
    if "session_cookie_secure" in talisman and secure is None:
        secure = boolean(python.value_of(talisman["session_cookie_secure"]).known)
        names = names or ["TALISMAN_CONFIG"]
    if names:
        yield SessionCookie(
            at=text.at(found["SESSION_COOKIE_SECURE" if "SESSION_COOKIE_SECURE" in found else names[0]].line),
            stack="flask",
            cookie=CookieRule(
                name=_known(found, "SESSION_COOKIE_NAME"),
                secure=secure,
                http_only=boolean(_known(found, "SESSION_COOKIE_HTTPONLY")),
                same_site=_known(found, "SESSION_COOKIE_SAMESITE").lower(),
                path=_known(found, "SESSION_COOKIE_PATH"),
                domain=_known(found, "SESSION_COOKIE_DOMAIN"),
            ),
        )


def _trust(found: dict[str, Assignment], calls: list[Called], text: Text) -> Iterator[Fact]:
    for call in calls:
        if call.name.endswith(("ProxyFix", "ProxyHeadersMiddleware")):
            yield ProxyTrust(at=text.at(call.line), trusts=True, setting=call.name.rpartition(".")[2], stack="flask")
    one = found.get("ENABLE_PROXY_FIX")
    if one and (told := boolean(_known(found, "ENABLE_PROXY_FIX"))) is not None:
        yield ProxyTrust(at=text.at(one.line), trusts=told, setting="ENABLE_PROXY_FIX", stack="flask")


def _socket(calls: list[Called], text: Text) -> Iterator[Fact]:
    """Flask-SocketIO and python-socketio: polling first, unless told otherwise."""
    for call in calls:
        if call.name.rpartition(".")[2] in {"SocketIO", "AsyncServer"} and call.name != "Server":
            shared = any(name in call.arguments for name in ("message_queue", "client_manager"))
            transports = python.value_of(call.arguments.get("transports")).known
            yield Setting(
                at=text.at(call.line), name="socket.io", value=transports or "polling",
                scope="shared" if shared else "", stack="flask",
            )  # fmt: skip
