"""Does a secret verify a session cookie? By its HMAC or its AES-GCM tag; no secret is guessed, no content is kept.

Sources: node-cookie-signature (index.js), keygrip (index.js), itsdangerous (signer.py), Starlette, Flask (sessions.py),
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
from sessiondoctor.formats.sealed import Sealed, can_open, rails_keys, sealed_by_laravel, sealed_by_rails
from sessiondoctor.formats.session_cookie import bare, recognise_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_LONGEST = 16 * 1024  # octets of a cookie that is worth verifying; browsers keep 4096
_RAILS_ITERATIONS: Final = 1000  # ActiveSupport::KeyGenerator
_RAILS_KEY: Final = 64
_RAILS_SALTS: Final = (b"signed encrypted cookie", b"signed cookie")
_JWT_DIGESTS: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_DJANGO_SALT: Final = b"django.contrib.sessions.backends.signed_cookies" + b"signer"


def verifies(secret: str, name: str, value: str, companions: Mapping[str, str]) -> bool | None:
    """Whether a node with this secret accepts this session cookie; None where that cannot be told.

    Cookies that are not signed cannot, nor those of ASP.NET Core, whose keys are no secret of an environment; those of
    Rails since 5.2 and of Laravel with GCM only where `cryptography` is installed (see `needs_library`).

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


def needs_library(name: str, value: str) -> bool:
    """Whether `verifies` cannot tell because `cryptography`, which opens this cookie, is not installed."""
    found = recognise_session(name, value)
    if found is None or len(value) > _LONGEST or can_open():
        return False
    read = _SEALS.get(found.product)
    return read is not None and read(bare(value)) is not None


def _octets_of(secret: str) -> bytes:
    """The octets of a secret as the environment has them, those that are no UTF-8 included (PEP 383)."""
    return secret.encode("utf-8", "surrogateescape")


def _equal(expected: bytes, found: bytes) -> bool:
    return hmac.compare_digest(expected, found)


def _keygrip(secret: str, name: str, value: str, companions: Mapping[str, str]) -> bool | None:
    """SHA-1 over `name=value`, in URL-safe base64 without padding, in a cookie of its own."""
    signature = companions.get(f"{name}.sig", "")
    if not signature:
        return None
    return _equal(hmac.digest(_octets_of(secret), octets(f"{name}={value}"), "sha1"), base64_octets(signature))


def _express(secret: str, text: str) -> bool:
    """`s:<id>.<signature>`: SHA-256 in standard base64 without padding."""
    session, _, signature = text.removeprefix("s:").rpartition(".")
    return _equal(hmac.digest(_octets_of(secret), octets(session), "sha256"), base64_octets(signature))


def _itsdangerous(salt: bytes) -> Callable[[str, str], bool]:
    """Text, dot, SHA-1 under a key that is derived by HMAC from the secret and a salt."""

    def verify(secret: str, text: str) -> bool:
        signed, _, signature = text.rpartition(".")
        key = hmac.digest(_octets_of(secret), salt, "sha1")
        return _equal(hmac.digest(key, octets(signed), "sha1"), base64_octets(signature))

    return verify


def _starlette(secret: str, text: str) -> bool:
    """Text, dot, SHA-1 under a key that is the SHA-1 of salt, `signer` and secret (itsdangerous, django-concat)."""
    signed, _, signature = text.rpartition(".")
    key = hashlib.sha1(b"itsdangerous.Signer" + b"signer" + _octets_of(secret)).digest()  # noqa: S324 - the format's own
    return _equal(hmac.digest(key, octets(signed), "sha1"), base64_octets(signature))


def _flask_session(secret: str, text: str) -> bool | None:
    return _itsdangerous(b"flask-session")(secret, text) if "." in text else None


def _django(secret: str, text: str) -> bool:
    """Payload, time and signature with colons between them; SHA-256, before Django 3.1 SHA-1."""
    signed, _, signature = text.rpartition(":")
    found = base64_octets(signature)
    digest = "sha256" if len(found) == hashlib.sha256().digest_size else "sha1"
    key = hashlib.new(digest, _DJANGO_SALT + _octets_of(secret)).digest()  # django.utils.crypto.salted_hmac
    return _equal(hmac.digest(key, octets(signed), digest), found)


def _laravel(secret: str, text: str) -> bool | None:
    """JSON of iv, value and mac: SHA-256 in hexadecimal over iv and value. With GCM there is a tag and no mac."""
    try:
        parts = json.loads(base64_octets(text))
        key = base64.b64decode(secret.removeprefix("base64:")) if secret.startswith("base64:") else _octets_of(secret)
    except (ValueError, RecursionError, binascii.Error):
        return None
    match parts:
        case {"iv": str(iv), "value": str(content), "mac": str(mac)} if mac:
            return _equal(hmac.digest(key, octets(iv + content), "sha256").hex().encode(), octets(mac))
    return _opens(sealed_by_laravel(text), (key,))


def _opens(sealed: Sealed | None, keys: Iterable[bytes]) -> bool | None:
    return any(map(sealed.opens, keys)) if sealed and can_open() else None


def _rails(secret: str, text: str) -> bool | None:
    """`data--digest`: by Rack with the secret itself, by Rails before 5.2 with derived keys, since then encrypted."""
    if sealed := sealed_by_rails(text):
        return _opens(sealed, rails_keys(_octets_of(secret)))
    data, _, digest = text.rpartition("--")
    algorithm = {40: "sha1", 64: "sha256"}.get(len(digest))
    if not algorithm or "--" in data or digest.strip("0123456789abcdef"):
        return None
    found, keys = octets(digest), _rails_keys(_octets_of(secret))
    return any(_equal(hmac.digest(key, octets(data), algorithm).hex().encode(), found) for key in keys)


def _rails_keys(secret: bytes) -> Iterator[bytes]:
    yield secret
    for salt in _RAILS_SALTS:
        yield hashlib.pbkdf2_hmac("sha1", secret, salt, _RAILS_ITERATIONS, _RAILS_KEY)


def _jwt(secret: str, text: str) -> bool | None:
    """Only the algorithms with a shared secret; those with a key pair are verified against a JSON Web Key Set."""
    signed, _, signature = text.rpartition(".")
    try:
        header = json.loads(base64_octets(signed.partition(".")[0]))
    except (ValueError, RecursionError):
        return None
    algorithm = header.get("alg") if isinstance(header, dict) else None
    digest = _JWT_DIGESTS.get(algorithm) if isinstance(algorithm, str) else None
    return _equal(hmac.digest(_octets_of(secret), octets(signed), digest), base64_octets(signature)) if digest else None


_BY_PRODUCT: Final[Mapping[str, Callable[[str, str], bool | None]]] = {
    "express-session": _express,
    "flask": _itsdangerous(b"cookie-session"),
    "starlette": _starlette,
    "flask-session": _flask_session,
    "django-signed": _django,
    "laravel": _laravel,
    "rails": _rails,
    "jwt": _jwt,
}
_SEALS: Final[Mapping[str, Callable[[str], Sealed | None]]] = {"laravel": sealed_by_laravel, "rails": sealed_by_rails}
