"""Cookies as frameworks make them, each by the documented algorithm of its producer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RING_KEY = uuid.UUID("0c819c80-6619-4019-9536-53f8aaffee57")


def unpadded(data: bytes, *, url_safe: bool = True) -> str:
    """Base64 without `=`."""
    return (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode().rstrip("=")


def express(sid: str, secret: str = "keyboard cat") -> str:
    """node-cookie-signature: `s:`, the id, a dot, HMAC-SHA-256 in standard base64."""
    return f"s:{sid}.{unpadded(hmac.digest(secret.encode(), sid.encode(), 'sha256'), url_safe=False)}"


def django_signed(payload: str, issued: int, secret: str = "insecure") -> str:
    """django.core.signing.TimestampSigner with the salt of the signed_cookies session backend."""
    digits, rest = "", issued
    while rest:
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    text = f"{payload}:{digits}"
    salt = "django.contrib.sessions.backends.signed_cookiessigner"
    key = hashlib.sha256((salt + secret).encode()).digest()
    return f"{text}:{unpadded(hmac.digest(key, text.encode(), 'sha256'))}"


def flask_app() -> Flask:
    """A Flask application that puts something into its session."""
    from flask import Flask, session

    app = Flask(__name__)
    app.secret_key = "insecure"

    @app.get("/<int:size>")
    def write(size: int) -> str:
        session["cart"] = ["x" * size]
        return ""

    return app


def flask_cookie(size: int = 5) -> str:
    """The session cookie of a real Flask response; large payloads are compressed."""
    header = flask_app().test_client().get(f"/{size}").headers["Set-Cookie"]
    return str(header).partition(";")[0].partition("=")[2]


def protected(payload_size: int, *, url_safe: bool) -> str:
    """A Data Protection payload: magic, key id in .NET order, key modifier, IV, padded AES blocks, HMAC."""
    blocks = (payload_size // 16 + 1) * 16
    filler = bytes(range(7, 7 + 16 + 16)) + bytes(n * 37 % 256 for n in range(blocks + 32))
    return unpadded(b"\x09\xf0\xc9\xf0" + RING_KEY.bytes_le + filler, url_safe=url_safe)


def laravel(value: bytes = b"0123456789abcdef") -> str:
    """Laravel's Encrypter: JSON of IV, value and MAC in base64, percent-encoded as PHP sends it."""
    text = base64.b64encode(value).decode()
    document = json.dumps({"iv": text, "value": text, "mac": "a" * 64, "tag": ""}, separators=(",", ":"))
    return base64.b64encode(document.encode()).decode().replace("=", "%3D")


def spring(route: str = "", session: str = "1f0c8b1e-6b0a-4d3a-9a44-7d3c1a1b2c3d") -> str:
    """DefaultCookieSerializer: base64 of the id, with its own route behind it."""
    return base64.b64encode((session + (f".{route}" if route else "")).encode()).decode()


def jwt() -> str:
    """Header and claims as JSON, and a signature."""
    header, claims = ({"alg": "HS256", "typ": "JWT"}, {"sub": "ada"})
    text = ".".join(unpadded(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{unpadded(hmac.digest(b'insecure', text.encode(), 'sha256'))}"
