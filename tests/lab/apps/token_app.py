"""The laboratory's shop of tokens: a JSON Web Token in a cookie says who somebody is and what is in the cart.

Everything that can be wrong with it is an environment variable or a file: NODE, SIGNING_KEY (file with the private key
it signs with), KEY_SET (file with the public keys by which it verifies, published at /.well-known/jwks.json), LIFETIME
(seconds a token lives) and LEEWAY (seconds by which the dates of a token may be off).
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.jwt import JWTClaimsRegistry
from markupsafe import escape

COOKIE = "shop_token"
ALGORITHM = "ES256"
LIFETIME = int(os.environ["LIFETIME"])
LEEWAY = int(os.environ["LEEWAY"])
SIGNING_KEY = ECKey.import_key(json.loads(Path(os.environ["SIGNING_KEY"]).read_text()))
PUBLISHED = json.loads(Path(os.environ["KEY_SET"]).read_text())
KEYS = KeySet.import_key_set(PUBLISHED)

app = Flask(__name__)


@app.before_request
def verify_the_token() -> tuple[str, int] | None:
    """Refuse a token that another key has signed, or whose dates are wrong; without one somebody is a stranger."""
    g.claims = {}
    text = request.cookies.get(COOKIE)
    if text is None or request.path in {"/", "/login", "/healthz", "/.well-known/jwks.json"}:
        return None
    try:
        claims = jwt.decode(text, KEYS, algorithms=[ALGORITHM]).claims
        JWTClaimsRegistry(now=int(time.time()), leeway=LEEWAY).validate(claims)
    except (JoseError, ValueError) as error:
        app.logger.warning("token refused: %s", type(error).__name__)
        return _page("Sign in", "<a href=login>Sign in</a>"), 401
    g.claims = claims
    return None


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


@app.get("/.well-known/jwks.json")
def key_set() -> dict[str, Any]:
    """Publish the keys by which this node verifies."""
    return dict(PUBLISHED)


@app.get("/")
def front() -> str:
    """Answer without a token."""
    return _page("Shop", '<a href="cart">Cart</a>')


@app.get("/cart")
def cart() -> str:
    """Show the items of the token."""
    return _page("Cart", "".join(f"<li>{escape(item)}</li>" for item in g.claims.get("items", [])))


@app.post("/cart")
def add() -> Response:
    """Put an item into the token."""
    items = [*g.claims.get("items", []), request.form["item"]][-20:]
    return _signed(_page("Added", "<p>Added to the cart.</p>"), {"sub": g.claims.get("sub", ""), "items": items})


@app.post("/login")
def login() -> Response:
    """Any name will do."""
    return _signed(_page("Welcome", "<p>Signed in.</p>"), {"sub": request.form["user"], "items": []})


@app.get("/account")
def account() -> str:
    """Say whether somebody is logged in."""
    name = g.claims.get("sub")
    return _page(
        "Account", f"<p>{escape(name)}</p><a href=logout>Sign out</a>" if name else "<a href=login>Sign in</a>"
    )


def _signed(page: str, claims: dict[str, Any]) -> Response:
    """The page with a fresh token."""
    now = int(time.time())
    dates = {"iat": now, "nbf": now, "exp": now + LIFETIME}
    text = jwt.encode({"alg": ALGORITHM, "kid": SIGNING_KEY.kid}, {**claims, **dates}, SIGNING_KEY)
    response = Response(page)
    response.set_cookie(COOKIE, text, httponly=True, samesite="Lax")
    return response


def _page(title: str, body: str) -> str:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>\n"
