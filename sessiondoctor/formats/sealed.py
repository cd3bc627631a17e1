"""Does a secret open an encrypted session cookie? Told by its AES-GCM tag; what is inside is dropped at once.

Sources: Rails' ActionDispatch::Cookies, `MessageEncryptor` and `KeyGenerator` (cookies.rb, message_encryptor.rb,
key_generator.rb); Laravel's Encrypter (Encrypter.php).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from sessiondoctor.formats.encoded import base64_octets

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = "cryptography"

_NONCE: Final = 12  # octets; both use the standard one
_TAG: Final = 16
_RAILS_ITERATIONS: Final = 1000
_RAILS_KEY: Final = 32
_RAILS_SALT: Final = b"authenticated encrypted cookie"  # config.action_dispatch.authenticated_encrypted_cookie_salt
_RAILS_DIGESTS: Final = ("sha256", "sha1")  # since Rails 7.0, and before or with its old defaults


@dataclass(frozen=True, slots=True)
class Sealed:
    """A cookie that AES-GCM has encrypted: the octets of its three parts."""

    nonce: bytes
    data: bytes
    tag: bytes

    def opens(self, key: bytes) -> bool:
        """Whether this is the key. Raises `ImportError` without the library."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            AESGCM(key).decrypt(self.nonce, self.data + self.tag, None)
        except (InvalidTag, ValueError):  # ValueError: no key of AES has this length
            return False
        return True


def can_open() -> bool:
    """Whether the library is installed."""
    return find_spec(LIBRARY) is not None


def sealed_by_rails(text: str) -> Sealed | None:
    """`data--nonce--tag`, each in base64, as Rails does since 5.2; None if it is something else."""
    parts = text.split("--")
    if len(parts) != 3:  # data, nonce, tag
        return None
    data, nonce, tag = map(base64_octets, parts)
    return _sealed(nonce, data, tag)


def sealed_by_laravel(text: str) -> Sealed | None:
    """JSON of iv, value and tag in base64, as Laravel does with AES-256-GCM; with CBC there is a mac and no tag."""
    try:
        document = json.loads(base64_octets(text))
    except (ValueError, RecursionError):
        return None
    match document:
        case {"iv": str(nonce), "value": str(data), "tag": str(tag)} if tag:
            return _sealed(*map(base64_octets, (nonce, data, tag)))
    return None


def rails_keys(secret: bytes) -> Iterator[bytes]:
    """The keys that Rails derives from `secret_key_base`."""
    for digest in _RAILS_DIGESTS:
        yield hashlib.pbkdf2_hmac(digest, secret, _RAILS_SALT, _RAILS_ITERATIONS, _RAILS_KEY)


def _sealed(nonce: bytes, data: bytes, tag: bytes) -> Sealed | None:
    return Sealed(nonce, data, tag) if (len(nonce), len(tag)) == (_NONCE, _TAG) and data else None
