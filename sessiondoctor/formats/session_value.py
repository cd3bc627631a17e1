"""What is in a session store: the layout of keys, and the encoding of values by their first octets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, Literal

from sessiondoctor.formats.session_shapes import UUID

if TYPE_CHECKING:
    from collections.abc import Callable

Encoding = Literal[
    "java",
    "json",
    "php",
    "php-serialize",
    "igbinary",
    "msgpack",
    "pickle",
    "marshal",
    "aspnetcore",
    "empty",
    "unknown",
]

_LONGEST_KEY = 1024
_PHP_VALUE = rb"(?:[abdisOCErR]:|N;)"
# Tried in this order; each says what a value of that encoding starts with.
_ENCODINGS: Final[tuple[tuple[bytes, Encoding], ...]] = (
    (rb"\xac\xed", "java"),  # ObjectStreamConstants.STREAM_MAGIC
    (rb"\x80[\x02-\x05]|\(dp\d|\(lp\d", "pickle"),  # protocols 2 to 5; 0
    (rb"\x04\x08", "marshal"),  # Ruby Marshal 4.8
    (rb"\x00\x00\x00[\x01\x02]", "igbinary"),  # version, 32 bits
    (rb"\x02\x00[\x00-\xff]{2}[\x00-\xff]{16}", "aspnetcore"),  # version, count in 24 bits, id (DistributedSession)
    (rb"[\x81-\x8f][\xa0-\xbf\xd9]|[\xde][\x00-\xff]{2}[\xa0-\xbf\xd9]|\x80\Z", "msgpack"),  # a map with text keys
    (rb"a:\d+:\{|[OC]:\d+:\"|s:\d+:\"|[bdi]:[-\d]|N;", "php-serialize"),
    (rb"[\w.: -]{1,128}\|" + _PHP_VALUE, "php"),  # session.serialize_handler = php
    (rb"\s*(?:\{\s*(?:[\"}]|\Z)|\[|\")", "json"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Whose key it is.

    Attributes:
        prefix: the key up to the session id; in a helper key, up to what varies.
        helper: an index, lock or expiry entry beside the session itself.
    """

    product: str
    prefix: str
    stack: str
    helper: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """Keys of one product: all hold `mark`, and the first group of the pattern is the prefix."""

    product: str
    stack: str
    mark: str
    pattern: str
    helper: bool = False


_SPRING = ("spring-session", "spring")
_REDISSON = ("redisson", "tomcat")
_PHP = ("php", "php")
_ASPNET = ("aspnet", "aspnet")
_MSM = ("memcached-session-manager", "tomcat")
_ROWS: Final = (
    _Row(*_SPRING, "sessions:expires:", rf"((?:.+:)?sessions:expires:){UUID}", helper=True),
    _Row(*_SPRING, "sessions:", rf"((?:.+:)?sessions:){UUID}"),
    _Row(*_SPRING, ":expirations", r"(.+:(?:sessions:)?expirations:?)\d*", helper=True),
    _Row(*_SPRING, ":index:", r"(.+:index:[\w.$]+:).*", helper=True),
    _Row(*_REDISSON, "redisson:", r"((?:.+:)?redisson:tomcat_session:).+"),
    _Row(*_REDISSON, "redisson:", r"((?:.+:)?redisson:tomcat_)\w+.*", helper=True),
    _Row("express-session", "express", "sess:", r"((?:.*[:/_-])?sess:).+"),
    _Row("flask-session", "flask", "session:", rf"((?:.*[:/_-])?session:)(?:[\w-]{{43}}|{UUID})"),
    _Row("django", "django", "django.", r"(.*:\d+:django\.contrib\.sessions\.(?:cache|cached_db))[a-z0-9]{32}"),
    _Row(*_PHP, "PHPREDIS", r"(PHPREDIS_SESSION:).+_LOCK", helper=True),
    _Row(*_PHP, "PHPREDIS", r"(PHPREDIS_SESSION:).+"),
    _Row(*_PHP, "memc.sess.", r"(memc\.sess\.(?:key\.lock|lock\.key|lock)\.).+", helper=True),
    _Row(*_PHP, "memc.sess.", r"(memc\.sess\.key\.).+"),
    _Row("rails-server-side", "rails", "2::", r"(.*)2::[0-9a-f]{64}"),
    # Laravel's cache also holds keys that end in a SHA-1: all lower-case hexadecimal, as no random id is.
    _Row("laravel", "laravel", "a", r"(.*(?:cache|laravel|database).*[_:-])(?![0-9a-f]{40}\Z)[A-Za-z0-9]{40}"),
    _Row(*_ASPNET, "}_Data", r"(\{.*_)[a-z0-5]{24}\}_Data"),
    _Row(*_ASPNET, "}_", r"(\{.*_)[a-z0-5]{24}\}_(?:Internal|Write_Lock|SessionTimeout)", helper=True),
    _Row("aspnetcore-session", "aspnetcore", "-", rf"(|(?i:.*session.*?)){UUID}"),
    _Row("aspnetcore", "aspnetcore", "DataProtection", r"(.*DataProtection-Keys)", helper=True),
    _Row(*_MSM, "-", r"((?:validity|bak|lock):)[0-9A-F]{32}-\w+(?:\.[\w.-]+)?", helper=True),
    _Row(*_MSM, "-", r"()[0-9A-F]{32}-\w+(?:\.[\w.-]+)?"),
    _Row("tomcat", "tomcat", "", r"()[0-9A-F]{32}(?:\.[\w.-]+)?"),
    _Row("unknown", "other", "session", r"((?:.*[:/_-])?sessions?:).+"),
)


def encoding_of(prefix: bytes) -> Encoding:
    """The encoding of a stored session by its first octets; 64 are enough."""
    if not prefix:
        return "empty"
    return next((name for pattern, name in _ENCODINGS if re.match(pattern, prefix)), "unknown")


def layout_of(key: str) -> Layout | None:
    """The layout that a store key has; None for a key of something else.

    Octets that are no text come as surrogate escapes. What a custom prefix looks like cannot be known, so
    `unknown` is said of keys whose prefix merely ends in `session:`.
    """
    if len(key) > _LONGEST_KEY:
        return None
    # A survey asks this of a million keys: the mark spares most of them most of the patterns.
    for mark, fullmatch, row in _patterns():
        if mark in key and (match := fullmatch(key)):
            return _layout(row, match[1])
    return None


@cache
def _patterns() -> tuple[tuple[str, Callable[[str], re.Match[str] | None], _Row], ...]:
    return tuple((row.mark, re.compile(row.pattern, re.ASCII | re.DOTALL).fullmatch, row) for row in _ROWS)


@lru_cache(maxsize=512)
def _layout(row: _Row, prefix: str) -> Layout:
    return Layout(row.product, prefix, row.stack, row.helper)
