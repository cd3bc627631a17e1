"""Tokens instead of secrets, and the last line of defence on every output."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

_SHORTEST = 4
_TELLING = 6  # shorter values (0, yes, en) occur in ordinary text and are no secrets


@dataclass(slots=True)
class Redactor:
    """Holds the raw values of one run and hands out tokens: `sid:3f9a` for one value, the same each time.

    A token is the head of an HMAC-SHA-256 under a key that exists only in this run, long enough to be unique in it.
    """

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)
    _taken: dict[str, str] = field(default_factory=dict, repr=False)
    _secrets: set[str] = field(default_factory=set, repr=False)

    def token(self, value: str, kind: str = "sid") -> str:
        """The token of a value; empty for an empty value. The value is scrubbed from outputs from now on."""
        if not value:
            return ""
        self.hide(value)
        if value not in self._tokens:
            self._tokens[value] = self._unused(value, kind)
        return self._tokens[value]

    def fingerprint(self, value: str) -> str:
        """A fingerprint for comparing two secrets within this run."""
        return self.token(value, "key")

    def hide(self, value: str) -> None:
        """Scrubs this value from all outputs."""
        if len(value) >= _TELLING:
            self._secrets.add(value)

    def scrub(self, text: str) -> str:
        """The text without any value this redactor has seen, longest first."""
        for value in sorted(self._secrets, key=len, reverse=True):
            if value in text:
                text = text.replace(value, self._tokens.get(value, "[redacted]"))
        return text

    def _unused(self, value: str, kind: str) -> str:
        digest = hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        for length in range(_SHORTEST, len(digest) + 1):
            token = f"{kind}:{digest[:length]}"
            if self._taken.setdefault(token, value) == value:
                return token
        raise AssertionError("two values with one SHA-256")
