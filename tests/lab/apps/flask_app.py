"""The laboratory's Flask shop: the whole session is in a signed cookie, or in memcached by Flask-Session.

Everything that can be wrong with it is an environment variable: NODE SECRET (empty: a random one for each worker
process) COOKIE_DOMAIN COOKIE_SECURE BALLAST
(bytes that each session carries besides its items) MEMCACHED
(host:port,host:port; empty: in cookies) KEY_PREFIX NOREPLY (1: writes are sent
without waiting for a reply) CSRF (session | local, a token in the memory of the node)
LAB_MEMBERS_ONLY (1: the cart is for those who have signed in).
Logging in cannot rotate an id, because there is none.
"""

from __future__ import annotations

import os
import secrets
import time
from datetime import timedelta

from flask import Flask, Response, redirect, request, session
from flask_session import Session
from markupsafe import escape
from pymemcache import HashClient

LOCAL_TOKEN = secrets.token_urlsafe(24)
WORK_S = 0.03

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ["SECRET"] or secrets.token_hex(32),
    SESSION_COOKIE_DOMAIN=os.environ["COOKIE_DOMAIN"] or None,
    SESSION_COOKIE_SECURE=os.environ["COOKIE_SECURE"] == "1",
    SESSION_COOKIE_SAMESITE="Lax",
    PERMANENT_SESSION_LIFETIME=timedelta(minutes=30),
)
if servers := [server for server in os.environ["MEMCACHED"].split(",") if server]:
    app.config.update(
        SESSION_TYPE="memcached",
        # Without a reply, which is the default, a refused write goes unnoticed, and one may come after the next read.
        # A pool, because its connections are not for several threads.
        SESSION_MEMCACHED=HashClient(
            servers, default_noreply=os.environ["NOREPLY"] == "1", use_pooling=True, timeout=2
        ),
        SESSION_KEY_PREFIX=os.environ["KEY_PREFIX"],
    )
    Session(app)


@app.after_request
def name_the_node(response: Response) -> Response:
    """Say which node answered."""
    response.headers["X-Node"] = os.environ["NODE"]
    response.headers["Cache-Control"] = "no-store"
    return response


@app.get("/healthz")
def healthz() -> tuple[str, int]:
    """Answer the balancer."""
    return "", 204


@app.before_request
def keep_strangers_out() -> Response | None:
    """Send who has not signed in to the form."""
    only = os.environ.get("LAB_MEMBERS_ONLY") == "1" and request.path == "/cart"
    return redirect("signin") if only and "name" not in session else None  # type: ignore[return-value]


@app.get("/")
def front() -> str:
    """Answer without a session."""
    return _page("Shop", '<a href="cart">Cart</a>')


@app.get("/cart")
def cart() -> str:
    """Show the items of the session."""
    return _page("Cart", "".join(f"<li>{escape(item)}</li>" for item in session.get("items", [])))


@app.post("/cart")
def add() -> str:
    """Put an item into the session."""
    session.permanent = True
    session["items"] = [*session.get("items", []), request.form["item"]][-20:]
    # Random, because Flask compresses its cookies.
    session["ballast"] = secrets.token_urlsafe(int(os.environ["BALLAST"]) * 3 // 4)
    return _page("Added", "<p>Added to the cart.</p>")


@app.post("/login")
def login() -> str:
    """Any name will do."""
    session["name"] = request.form["user"]
    return _page("Welcome", "<p>Signed in.</p>")


@app.get("/signin")
def welcome() -> str:
    """Show the first of two steps: a form with the session's token."""
    token = session.setdefault("csrf", secrets.token_urlsafe(24))
    field = f'<input type="hidden" name="csrf" value="{token}">'
    return _page("Sign in", f'<form method="post">{field}<input name="user"><button>Sign in</button></form>')


@app.post("/signin")
def sign_in() -> tuple[str, int]:
    """Take the second, where the token is the session's."""
    if request.form.get("csrf") != session.get("csrf"):
        return _page("Forbidden", "<p>Your session has expired. Please sign in again.</p>"), 403
    return login(), 200


@app.get("/account")
def account() -> str:
    """Say whether somebody is logged in."""
    name = session.get("name")
    return _page(
        "Account", f"<p>{escape(name)}</p><a href=logout>Sign out</a>" if name else "<a href=login>Sign in</a>"
    )


@app.get("/pay")
def form() -> str:
    """Show a form with a token."""
    field = f'<input type="hidden" name="csrf" value="{_token()}">'
    return _page("Pay", f'<form method="post">{field}<button>Pay</button></form>')


@app.post("/pay")
def pay() -> tuple[str, int]:
    """Take the form."""
    if request.form.get("csrf") != _token():
        return _page("Forbidden", "<p>CSRF token mismatch.</p>"), 403
    return _page("Paid", "<p>Paid.</p>"), 200


@app.get("/count")
def count() -> dict[str, int]:
    """Show the counter."""
    return {"count": session.get("count", 0)}


@app.post("/count")
def increment() -> dict[str, int]:
    """Add one, with a moment's work between reading and writing."""
    number = session.get("count", 0) + 1
    time.sleep(WORK_S)
    session["count"] = number
    return {"count": number}


@app.post("/blob")
def grow() -> str:
    """Put that much random text into the session."""
    size = int(request.form["size"])
    session["blob"] = secrets.token_urlsafe(size)[:size]
    return _page("Stored", "<p>Stored.</p>")


def _token() -> str:
    if os.environ.get("CSRF") == "local":
        return LOCAL_TOKEN
    return str(session.setdefault("csrf", secrets.token_urlsafe(24)))


def _page(title: str, body: str) -> str:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>\n"
