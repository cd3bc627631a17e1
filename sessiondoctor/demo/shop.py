"""One node: a shop with a cart in the session, which keeps sessions as express-session (or Tomcat) does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import secrets
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, quote, unquote

from sessiondoctor.demo.server import Answer, Call

if TYPE_CHECKING:
    from collections.abc import MutableMapping


@dataclass(frozen=True, slots=True)
class CookieSettings:
    """Attributes of the session cookie, as the application's configuration has them."""

    name: str = "connect.sid"
    path: str = "/"
    domain: str = ""
    secure: bool = False
    same_site: str = "Lax"
    max_age_s: int | None = None


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """What one node is told. `route` makes it a Tomcat; `prefix` None keeps sessions in the node's own memory."""

    name: str
    secret: str
    prefix: str | None = "sess:"
    database: int = 0
    ttl_s: int = 1800
    refreshes: bool = True
    clock_ahead_s: int = 0
    route: str = ""
    trusts_proxy: bool = True
    cookie: CookieSettings = field(default_factory=CookieSettings)


class Sessions(Protocol):
    """Where sessions are kept: by id, as JSON-shaped data."""

    def get(self, sid: str) -> dict[str, Any] | None:
        """The session, if it is there."""

    def put(self, sid: str, data: dict[str, Any]) -> None:
        """Stores it with its full time to live."""

    def touch(self, sid: str) -> None:
        """Renews its time to live."""

    def drop(self, sid: str) -> None:
        """Deletes it."""


class MemorySessions:
    """Sessions in the node's own memory: nobody else sees them."""

    def __init__(self) -> None:
        self._data: MutableMapping[str, dict[str, Any]] = {}

    def get(self, sid: str) -> dict[str, Any] | None:
        """The session, if it is there."""
        return self._data.get(sid)

    def put(self, sid: str, data: dict[str, Any]) -> None:
        """Stores it."""
        self._data[sid] = data

    def touch(self, sid: str) -> None:
        """Memory has no time to live here."""

    def drop(self, sid: str) -> None:
        """Deletes it."""
        self._data.pop(sid, None)


class StoredSessions:
    """Sessions in the shared store, as connect-redis keeps them: `<prefix><sid>`, a JSON string, an expiry."""

    def __init__(self, port: int, settings: NodeSettings) -> None:
        import redis

        self._redis = redis.Redis(host="127.0.0.1", port=port, db=settings.database)
        self._prefix = settings.prefix or ""
        self._ttl_s = settings.ttl_s

    def get(self, sid: str) -> dict[str, Any] | None:
        """The session, if it is there."""
        found = self._redis.get(self._prefix + sid)
        return json.loads(found) if isinstance(found, bytes) else None

    def put(self, sid: str, data: dict[str, Any]) -> None:
        """Stores it with its full time to live."""
        self._redis.set(self._prefix + sid, json.dumps(data), ex=self._ttl_s)

    def touch(self, sid: str) -> None:
        """Renews its time to live."""
        self._redis.expire(self._prefix + sid, self._ttl_s)

    def drop(self, sid: str) -> None:
        """Deletes it."""
        self._redis.delete(self._prefix + sid)


class Shop:
    """The application of one node."""

    def __init__(self, settings: NodeSettings, store_port: int) -> None:
        self._settings = settings
        in_store = settings.prefix is not None
        self._sessions: Sessions = StoredSessions(store_port, settings) if in_store else MemorySessions()

    def __call__(self, call: Call) -> Answer:
        """Answers one request: `/` welcomes, POST /cart adds an item, GET /cart shows the cart."""
        path = call.path.partition("?")[0]
        if path == "/cart" and call.method == "POST":
            return self._add(call)
        if path == "/cart":
            _, session = self._load(call)
            items = "".join(f"<li>{html.escape(item)}</li>" for item in (session or {}).get("cart", ()))
            return self._answer(f"<ul>{items}</ul>")
        return self._answer("<h1>Shop</h1>") if path == "/" else self._answer("not found", status=404)

    def _add(self, call: Call) -> Answer:
        sid, session = self._load(call)
        known = session is not None
        sid, session = (sid, session) if session is not None else (self._new_id(), {"cart": []})
        session["cart"].append(parse_qs(call.body.decode()).get("item", [""])[0])
        session["expires"] = self._now() + self._settings.ttl_s
        self._sessions.put(sid, session)
        return self._answer("added", cookie="" if known else self._cookie(sid, call))

    def _load(self, call: Call) -> tuple[str, dict[str, Any] | None]:
        sid = self._verified(_cookie_value(call, self._settings.cookie.name))
        session = self._sessions.get(sid) if sid else None
        if session is None:
            return "", None
        if session["expires"] < self._now():  # by this node's own clock
            self._sessions.drop(sid)
            return "", None
        if self._settings.refreshes:
            self._sessions.touch(sid)
        return sid, session

    def _new_id(self) -> str:
        if self._settings.route:
            return secrets.token_hex(16).upper()
        return secrets.token_urlsafe(24)

    def _cookie(self, sid: str, call: Call) -> str:
        """The Set-Cookie line; empty where express-session sets none: a Secure cookie on what it takes for HTTP."""
        settings = self._settings.cookie
        https = self._settings.trusts_proxy and call.header("x-forwarded-proto") == "https"
        if settings.secure and settings.same_site != "None" and not https:
            return ""
        parts = [f"{settings.name}={self._signed(sid)}", f"Path={settings.path}", "HttpOnly"]
        parts += [f"Domain={settings.domain}"] if settings.domain else []
        parts += ["Secure"] if settings.secure else []
        parts += [f"Max-Age={settings.max_age_s}"] if settings.max_age_s else []
        return "; ".join([*parts, f"SameSite={settings.same_site}"])

    def _signed(self, sid: str) -> str:
        """`s:<sid>.<signature>`, as node's cookie-signature writes it; Tomcat's ids carry a route instead."""
        if self._settings.route:
            return f"{sid}.{self._settings.route}"
        return quote(f"s:{sid}.{self._signature(sid)}", safe="")

    def _verified(self, value: str) -> str:
        if self._settings.route:
            return value.partition(".")[0]
        sid, _, signature = unquote(value).removeprefix("s:").rpartition(".")
        return sid if sid and hmac.compare_digest(signature.encode(), self._signature(sid).encode()) else ""

    def _signature(self, sid: str) -> str:
        digest = hmac.new(self._settings.secret.encode(), sid.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode().rstrip("=")

    def _answer(self, body: str, *, status: int = 200, cookie: str = "") -> Answer:
        headers = [("Content-Type", "text/html; charset=utf-8"), ("X-Node", self._settings.name)]
        headers += [] if self._settings.route else [("X-Powered-By", "Express")]
        headers += [("Set-Cookie", cookie)] if cookie else []
        return Answer(status, body, tuple(headers), formatdate(self._now(), usegmt=True))

    def _now(self) -> float:
        return time.time() + self._settings.clock_ahead_s


def _cookie_value(call: Call, name: str) -> str:
    try:
        morsel = SimpleCookie(call.header("cookie")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
