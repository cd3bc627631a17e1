"""Does a secret verify a signed session cookie? By HMAC only: no secret is guessed, nothing is decrypted.

Sources: node-cookie-signature (index.js), keygrip (index.js), itsdangerous (signer.py), Flask (sessions.py),
Flask-Session (base.py), Django (core/signing.py), Laravel (Encrypter.php), Rack::Session::Cookie and ActiveSupport
(message_verifier.rb, key_generator.rb), RFC 7515 for HS256 to HS512.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Final

from sessiondoctor.formats.encoded import base64_octets, octets
from sessiondoctor.formats.session_cookie import bare, recognise_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LONGEST = 16 * 1024  # octets of a cookie that is worth verifying; browsers keep 4096
_RAILS_ITERATIONS: Final = 1000  # ActiveSupport::KeyGenerator
_RAILS_KEY: Final = 64
_RAILS_SALTS: Final = (b"signed encrypted cookie", b"signed cookie")
_JWT_DIGESTS: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_DJANGO_SALT: Final = b"django.contrib.sessions.backends.signed_cookies" + b"signer"


def verifies(secret: str, name: str, value: str, companions: Mapping[str, str]) -> bool | None:
    """Whether a node with this secret accepts this session cookie; None where that cannot be told.

    Encrypted cookies (ASP.NET Core, Rails since 5.2, Laravel with GCM) and cookies that are not signed cannot.

    Args:
        secret: as the framework is given it: SESSION_SECRET, SECRET_KEY, APP_KEY, secret_key_base.
        name: of the cookie.
        value: as on the wire, percent-encoded or not.
        companions: the other cookies of the same response by name: cookie-session signs in `<name>.sig`.
    """
    found = recognise_session(name, value)
    if found is None or not secret or len(value) > _LONGEST:
        return None
    if found.product == "cookie-session":
        return _keygrip(secret, name, value, companions)
    verify = _BY_PRODUCT.get(found.product)
    return verify(secret, bare(value)) if verify else None


def _equal(expected: bytes, found: bytes) -> bool:
    return hmac.compare_digest(expected, found)


def _keygrip(secret: str, name: str, value: str, companions: Mapping[str, str]) -> bool | None:
    """SHA-1 over `name=value`, in URL-safe base64 without padding, in a cookie of its own."""
    signature = companions.get(f"{name}.sig", "")
    if not signature:
        return None
    return _equal(hmac.digest(secret.encode(), octets(f"{name}={value}"), "sha1"), base64_octets(signature))


def _express(secret: str, text: str) -> bool:
    """`s:<id>.<signature>`: SHA-256 in standard base64 without padding."""
    session, _, signature = text.removeprefix("s:").rpartition(".")
    return _equal(hmac.digest(secret.encode(), octets(session), "sha256"), base64_octets(signature))


def _itsdangerous(salt: bytes) -> Callable[[str, str], bool]:
    """Text, dot, SHA-1 under a key that is derived by HMAC from the secret and a salt."""

    def verify(secret: str, text: str) -> bool:
        signed, _, signature = text.rpartition(".")
        key = hmac.digest(secret.encode(), salt, "sha1")
        return _equal(hmac.digest(key, octets(signed), "sha1"), base64_octets(signature))

    return verify


def _flask_session(secret: str, text: str) -> bool | None:
    return _itsdangerous(b"flask-session")(secret, text) if "." in text else None


def _django(secret: str, text: str) -> bool:
    """Payload, time and signature with colons between them; SHA-256, before Django 3.1 SHA-1."""
    signed, _, signature = text.rpartition(":")
    found = base64_octets(signature)
    digest = "sha256" if len(found) == hashlib.sha256().digest_size else "sha1"
    key = hashlib.new(digest, _DJANGO_SALT + secret.encode()).digest()  # django.utils.crypto.salted_hmac
    return _equal(hmac.digest(key, octets(signed), digest), found)


def _laravel(secret: str, text: str) -> bool | None:
    """JSON of iv, value and mac: SHA-256 in hexadecimal over iv and value. With GCM there is a tag and no mac."""
    try:
        parts = json.loads(base64_octets(text))
        key = base64.b64decode(secret.removeprefix("base64:")) if secret.startswith("base64:") else secret.encode()
    except (ValueError, RecursionError, binascii.Error):
        return None
    match parts:
        case {"iv": str(iv), "value": str(content), "mac": str(mac)} if mac:
            return _equal(hmac.digest(key, octets(iv + content), "sha256").hex().encode(), octets(mac))
    return None


def _rails(secret: str, text: str) -> bool | None:
    """`data--digest`: by Rack with the secret itself, by Rails before 5.2 with keys derived from it."""
    data, _, digest = text.rpartition("--")
    algorithm = {40: "sha1", 64: "sha256"}.get(len(digest))
    if not algorithm or "--" in data or digest.strip("0123456789abcdef"):
        return None
    found = octets(digest)
    return any(_equal(hmac.digest(key, octets(data), algorithm).hex().encode(), found) for key in _rails_keys(secret))


def _rails_keys(secret: str) -> Iterator[bytes]:
    yield secret.encode()
    for salt in _RAILS_SALTS:
        yield hashlib.pbkdf2_hmac("sha1", secret.encode(), salt, _RAILS_ITERATIONS, _RAILS_KEY)


def _jwt(secret: str, text: str) -> bool | None:
    """Only the algorithms with a shared secret; those with a key pair are verified against a JSON Web Key Set."""
    signed, _, signature = text.rpartition(".")
    try:
        header = json.loads(base64_octets(signed.partition(".")[0]))
    except (ValueError, RecursionError):
        return None
    algorithm = header.get("alg") if isinstance(header, dict) else None
    digest = _JWT_DIGESTS.get(algorithm) if isinstance(algorithm, str) else None
    return _equal(hmac.digest(secret.encode(), octets(signed), digest), base64_octets(signature)) if digest else None


_BY_PRODUCT: Final[Mapping[str, Callable[[str, str], bool | None]]] = {
    "express-session": _express,
    "flask": _itsdangerous(b"cookie-session"),
    "flask-session": _flask_session,
    "django-signed": _django,
    "laravel": _laravel,
    "rails": _rails,
    "jwt": _jwt,
}
