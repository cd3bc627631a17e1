"""Tokens instead of secrets, and documents in which nothing from outside shows one.

What comes from outside is scrubbed where it enters a document: in evidence, before it is judged, stored or shown. The
tool's own words are never looked at, because a password may be one of them, and the gap would tell it. Two kinds of
value, therefore: one that stands out is removed wherever it occurs; one that is an ordinary word or short (`secret`,
`redis`, `a`) only where it stands as a credential: `:redis@`, `password=redis`.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import hmac
import html
import json
import re
import secrets
import typing
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin
from urllib.parse import quote, quote_plus, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

REDACTED = "[redacted]"
_SHORTEST = 4
_HEAD = 6  # characters; shorter values (0, yes, en) occur in ordinary text
_LONGEST_WORD = 40  # what a peer sends: up to this length words with hyphens are a name (`spring-session`), no secret
_LONGEST_TOLD_WORD = 12  # what the user declares: a passphrase is longer
_LONGEST_CODED = 8  # characters of base64 from which on they stand out
_WORD = re.compile(r"[A-Za-z]?[a-z]*(?:[-_ ][A-Za-z]?[a-z]*)*")
_NUMERIC = re.compile(r"[0-9.:]+")
_CREDENTIAL = r"pass(?:word|wd|phrase)?|pwd|secret|token|auth(?:orization)?|(?:api[-_]?)?key|pin|otp|kennwort"


@dataclass(slots=True)
class Redactor:
    """Holds the raw values of one run and hands out tokens: `sid:3f9a` for one value, the same each time.

    A token is the head of an HMAC-SHA-256 under a key of this run, long enough to be unique in it.

    Attributes:
        public: names, hosts and paths that the topology declares: a peer cannot blank them by sending them as a cookie.
        naming: cookies whose values are declared to be names of nodes.
        key: of the tokens; another run that is given it makes the same ones. A secret.
    """

    public: frozenset[str] = frozenset()
    naming: frozenset[str] = frozenset()
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)
    _taken: dict[str, str] = field(default_factory=dict, repr=False)
    _hidden: set[str] = field(default_factory=set, repr=False)
    _by_head: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _words: set[str] = field(default_factory=set, repr=False)
    _names: set[str] = field(default_factory=set, repr=False)
    _credentials: re.Pattern[str] | None = field(default=None, repr=False)

    def token(self, value: str, kind: str = "sid") -> str:
        """The token of a value; empty for an empty value. The value is scrubbed from outputs from now on."""
        if not value:
            return ""
        if not self._tokens.get(value, "").startswith(f"{kind}:"):
            self.hide(value)
            self._tokens[value] = self._unused(value, kind)
        return self._tokens[value]

    def fingerprint(self, value: str) -> str:
        """A fingerprint for comparing two secrets within this run."""
        self.tell(value)
        return self.token(value, "key")

    @property
    def mark(self) -> str:
        """Names the key without telling it: tokens of two runs with one mark can be compared."""
        return hashlib.sha256(b"sessiondoctor tokens" + self.key).hexdigest()[:16]

    def names_a_node(self, cookie: str) -> bool:
        """Whether the topology declares that the values of this cookie name nodes: these are no secrets."""
        return cookie in self.naming

    def hide(self, value: str) -> None:
        """Scrubs this value that a peer sent, as it is and as it stands in a URL.

        A token takes its place, so that two nodes stay two of which the names are hidden.
        """
        if value not in self._hidden and self._stands_out(value, _LONGEST_WORD):
            self._keep({value, unquote(value), quote(value, safe="", errors="surrogatepass")})
            self._tokens.setdefault(value, self._unused(value, "hidden"))

    def tell(self, value: str, name: str = "") -> None:
        """Scrubs a secret of the user's, also quoted and in base64; `name` is that of the field it is sent in."""
        if not value:
            return
        spellings = _spellings(value)
        if self._stands_out(value, _LONGEST_TOLD_WORD):
            self._keep(spellings)
        else:
            self._words.add(value)
            self._names.update({name} - {""})
            self._credentials = None
        self._keep(coded for coded in _coded(value) if len(coded) >= _LONGEST_CODED)

    def scrub(self, text: str) -> str:
        """The text without any value that stands out, and without any other where it is a credential."""
        clean, end = "", 0
        for start, stop, shown in self._gaps(text):
            clean += text[end:start] + shown
            end = stop
        return self._without_words(clean + text[end:])

    def _gaps(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What is to be replaced: start, end, by what; values that overlap are one gap."""
        gap: tuple[int, int, str] | None = None
        for start, value in self._found(text):
            end = start + len(value)
            if gap and start < gap[1]:
                gap = gap if end <= gap[1] else (gap[0], end, REDACTED)
                continue
            if gap:
                yield gap
            gap = (start, end, self._tokens.get(value, REDACTED))
        if gap:
            yield gap

    def _found(self, text: str) -> Iterator[tuple[int, str]]:
        """The longest hidden value at each place where one begins; takes time for the text, not for the values."""
        if not self._by_head:
            return
        for start in range(len(text) - _HEAD + 1):
            for value in self._by_head.get(text[start : start + _HEAD], ()):
                if text.startswith(value, start):
                    yield start, value
                    break

    def _without_words(self, text: str) -> str:
        if not self._words:
            return text
        if not self._credentials:
            self._credentials = _as_credential(self._words, self._names)
        return self._credentials.sub(lambda found: (found["before"] or "") + REDACTED, text)

    def _stands_out(self, value: str, longest_word: int) -> bool:
        """Whether a text that has this value has it from the peer or the user, and not by chance."""
        if len(value) < _HEAD or (_NUMERIC.fullmatch(value) and not value.isdigit()) or _is_address(value):
            return False
        if len(value) < longest_word and _WORD.fullmatch(value):
            return False
        return not any(value in word for word in self.public)

    def _keep(self, values: Iterable[str]) -> None:
        for value in values:
            if len(value) >= _HEAD and value not in self._hidden:
                self._hidden.add(value)
                near = self._by_head.setdefault(value[:_HEAD], [])
                near.append(value)
                near.sort(key=len, reverse=True)

    def _unused(self, value: str, kind: str) -> str:
        digest = hmac.new(self.key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        for length in range(_SHORTEST, len(digest) + 1):
            token = f"{kind}:{digest[:length]}"
            if self._taken.setdefault(token, value) == value:
                return token
        raise AssertionError("two values with one SHA-256")


class Scrubber(typing.Protocol):
    """Takes out of texts what they must not show."""

    def scrub(self, text: str) -> str:
        """The text without it."""


def scrubbed(value: T, redactor: Scrubber) -> T:
    """A copy of frozen data in which no text from outside holds a value that the redactor knows.

    Texts of which the type says that they are words of this tool (`Literal`, an enumeration) stay as they are.
    """
    clean: T = _Copier(redactor).copy(value)
    return clean


@dataclass(slots=True)
class _Copier:
    redactor: Scrubber
    known: dict[str, str] = field(default_factory=dict)

    def copy(self, value: Any) -> Any:
        """The same object where nothing in it has changed."""
        if isinstance(value, StrEnum | type) or value is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple | list):
            return type(value)(self.copy(item) for item in value)
        if isinstance(value, dict):
            return {self.copy(key): self.copy(item) for key, item in value.items()}
        return self.record(value) if dataclasses.is_dataclass(value) else value

    def record(self, value: Any) -> Any:
        """A dataclass, field by field."""
        kind: Any = type(value)
        old = {name: getattr(value, name) for name in _texts_of(kind)}
        new = {name: self.copy(inside) for name, inside in old.items()}
        return value if new == old else dataclasses.replace(value, **new)

    def text(self, text: str) -> str:
        """Many a text stands in evidence a thousand times."""
        if text not in self.known:
            clean = self.redactor.scrub(text)
            # Half of an emoji, as JSON may hold it, is in no UTF-8, and in no JSON that others read.
            self.known[text] = clean if clean.isascii() else clean.encode("utf-8", "replace").decode()
        return self.known[text]


@functools.cache
def _texts_of(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass that may hold text from outside."""
    hints = typing.get_type_hints(kind)
    return tuple(each.name for each in dataclasses.fields(kind) if each.init and not _is_own(hints[each.name]))


def _is_own(hint: Any) -> bool:
    """Whether a type allows numbers and words of this tool only."""
    if isinstance(hint, type) and not get_args(hint):
        return issubclass(hint, StrEnum | int | float | bool | type(None) | type)
    if get_origin(hint) is Literal:
        return True
    inside = [each for each in get_args(hint) if each is not Ellipsis]
    return bool(inside) and get_origin(hint) is not type and all(map(_is_own, inside))


def _is_address(value: str) -> bool:
    try:
        ip_address(value.strip("[]"))
    except ValueError:
        return False
    return True


def _spellings(value: str) -> set[str]:
    """A value as it is, in a URL, in a form, in JSON, in HTML."""
    told = {value, unquote(value)}
    ways = (str, functools.partial(quote, safe=""), quote, quote_plus, lambda text: json.dumps(text)[1:-1], html.escape)
    return {way(text) for text in told for way in ways if _is_unicode(text)} | told


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _coded(value: str) -> Iterator[str]:
    """What base64 makes of a value wherever it stands: it takes three bytes at a time, so there are three ways."""
    raw = value.encode("utf-8", "surrogatepass")
    for skipped in range(3):
        code = base64.b64encode(b"\0" * skipped + raw).decode()
        first, last = (0, 2, 3)[skipped], len(code) - (0, 3, 2)[(len(raw) + skipped) % 3]
        yield code[first:last]
        yield code[first:last].translate(str.maketrans("+/", "-_"))


def _as_credential(words: Iterable[str], names: Iterable[str]) -> re.Pattern[str]:
    """Words of these where they are the password of a URL, or the value of a field that is called so."""
    told = _any_of(words)
    sent_as = rf"(?i:{_any_of(names)})[\"']?\s{{0,2}}[:=]\s{{0,2}}[\"']?|" if names else ""
    before = rf"(?P<before>{sent_as}(?i:{_CREDENTIAL})(?:=|[\"']\s{{0,2}}:\s{{0,2}})[\"']?)"
    return re.compile(rf"(?:(?<=:)(?:{told})(?=@)|\b{before}(?:{told})(?![\w-]))")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
