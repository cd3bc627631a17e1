"""Whose key it is: quickly, and with the same answer."""

from __future__ import annotations

import fnmatch
import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.stores import keys
from sessiondoctor.stores.keys import Sorter, session_layout

HEADS = (
    "sess:", "spring:session:sessions:", "spring:session:sessions:expires:", "spring:session:", "PHPREDIS_SESSION:",
    "app:sessions:", "session:", "sessions:", ":1:django.contrib.sessions.cache", "redisson:tomcat_session:", "lock:",
    "laravel_cache:", "validity:", "x:index:a:", "memc.sess.key.", "_session_id:2::", "shop:", "", "redisson:",
    "database:", "sess:sess:", "a:DataProtection:", "spring:session:expirations:", "a:sessions:expires:sess:",
)  # fmt: skip
TAILS = st.one_of(
    st.uuids().map(str),
    st.uuids().map(lambda uuid: str(uuid).upper()),
    st.text("0123456789abcdef", min_size=18, max_size=70),
    st.text("0123456789ABCDEF", min_size=30, max_size=34),
    st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=15, max_size=45),
    st.text("abcXYZ019_-.{}:", min_size=0, max_size=45),
    st.sampled_from(
        ["expirations1234567890123", "tomcat_sessionabcdefghijk", "DataProtection-Keys", "a_LOCK", "0" * 24]
    ),
)


@settings(max_examples=500)
@given(st.lists(st.tuples(st.sampled_from(HEADS), TAILS), min_size=1, max_size=20))
@pytest.mark.parametrize("patterns", [(), ("shop:*", "sess:a*"), ("app:*:?",)])
def test_what_was_found_for_one_key_holds_for_the_next(patterns: tuple[str, ...], keys: list[tuple[str, str]]) -> None:
    """As if each were looked at anew."""
    sorter = Sorter(patterns)
    for head, tail in keys:
        key = (head + tail).encode()
        assert sorter.layout(key) == session_layout(key, patterns)


def test_an_id_of_digits_behind_expirations() -> None:
    """Is a helper of Spring's; with a letter in it it is not."""
    sorter = Sorter()
    for tail in ("0" * 30, "0" * 29 + "A"):
        key = f"spring:session:expirations:{tail}".encode()
        assert sorter.layout(key) == session_layout(key)


def test_octets_that_are_no_text() -> None:
    """Keys may be anything."""
    sorter = Sorter()
    for key in (b"sess:\xff\xfe" + b"a" * 20, b"\n:" + b"a" * 24, b"", b":" * 300, b"x" * 300 + b":" + b"a" * 24):
        assert sorter.layout(key) == session_layout(key)


def test_the_cache_is_bounded() -> None:
    """A store may have as many prefixes as keys."""
    sorter = Sorter()
    for number in range(3000):
        sorter.layout(b"p%d:sess:%031da" % (number, number))
    assert len(sorter._known) == 1000


def test_declared_patterns_mean_what_they_mean_in_redis() -> None:
    """Compared with the shell's for every pattern of four characters and every key of four."""
    for size in range(1, 5):
        for pattern in map("".join, itertools.product("ab*?", repeat=size)):
            if set(pattern) & set("*?"):
                wanted = keys._regex(pattern)
                for key in map("".join, itertools.product("ab", repeat=4)):
                    assert bool(wanted.fullmatch(key)) is fnmatch.fnmatchcase(key, pattern), (pattern, key)


def test_no_declared_pattern_takes_long() -> None:
    """Whatever stars it has, however long a key is."""
    began = time.process_time()
    assert keys._regex("*a*a*a*a*a*b").fullmatch("a" * 2_000_000) is None
    assert time.process_time() - began < 1
