from __future__ import annotations

import json
import pickle
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.session_value import Encoding, Layout, encoding_of, layout_of

QUICK = settings(max_examples=100, deadline=None)
UUID = "1f0c8b1e-6b0a-4d3a-9a44-7d3c1a1b2c3d"
HEX32 = "8E3AE96B2C1F4C7D9B0A1E5F6D7C8B9A"
SHA256 = "0a" * 32
ALNUM40 = "q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0"
PHP_ID = "7b9v0q2m4k6j8h1g3f5d7s9a0p"


@pytest.mark.parametrize(
    ("prefix", "encoding"),
    [
        (b"", "empty"),
        (bytes.fromhex("aced0005737200044361727400000000000002120200"), "java"),
        (b"\xac\xed", "java"),
        (b'{"cookie":{"originalMaxAge":null}}', "json"),
        (b"{}", "json"),
        (b' \n{ "a": 1', "json"),
        (b"[1,2]", "json"),
        (b'"text"', "json"),
        (json.dumps({"é": 1}).encode(), "json"),
        (b'cart|a:1:{i:0;s:1:"x";}uid|i:7;', "php"),
        (b"_sf2_attributes|a:0:{}", "php"),
        (b"name|N;", "php"),
        (b'a:2:{s:4:"cart";N;', "php-serialize"),
        (b's:210:"a:3:{s:6:"_token";', "php-serialize"),
        (b'O:8:"stdClass":0:{}', "php-serialize"),
        (b"b:0;", "php-serialize"),
        (b"N;", "php-serialize"),
        (b"\x00\x00\x00\x02\x14\x01", "igbinary"),
        (b"\x81\xa4cart\x91\xa1x", "msgpack"),
        (b"\x80", "msgpack"),
        (b"\xde\x00\x10\xa4cart", "msgpack"),
        (b"\x81\xd9\x40", "msgpack"),
        *((pickle.dumps({"a": 1}, protocol), "pickle") for protocol in (0, 2, 3, 4, 5)),
        (b"\x04\x08{\x06I", "marshal"),
        (b"\x02\x00\x00\x02" + b"0123456789abcdef" + b"\x00\x04cart", "aspnetcore"),
        (b"\x02\x00\x00\x02short", "unknown"),
        (b"hello world", "unknown"),
        (b"{plain", "unknown"),
        (b"a|b", "unknown"),
        (b"\x1f\x8b\x08", "unknown"),
        (b"\xff" * 64, "unknown"),
    ],
)
def test_encodings_by_their_first_octets(prefix: bytes, encoding: str) -> None:
    """Magic where there is one, grammar where there is none."""
    assert encoding_of(prefix) == encoding


@pytest.mark.parametrize(
    ("key", "layout"),
    [
        (f"spring:session:sessions:{UUID}", Layout("spring-session", "spring:session:sessions:", "spring")),
        (f"shop:sessions:{UUID}", Layout("spring-session", "shop:sessions:", "spring")),
        (
            f"spring:session:sessions:expires:{UUID}",
            Layout("spring-session", "spring:session:sessions:expires:", "spring", helper=True),
        ),
        (
            "spring:session:expirations:1795227600000",
            Layout("spring-session", "spring:session:expirations:", "spring", helper=True),
        ),
        (
            "spring:session:sessions:expirations",
            Layout("spring-session", "spring:session:sessions:expirations", "spring", helper=True),
        ),
        (
            "spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:ada",
            Layout(
                "spring-session",
                "spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:",
                "spring",
                helper=True,
            ),
        ),
        ("sess:GJvSs1Wq0yk8i4cWfMlYHn3LzPZ0aQ7u", Layout("express-session", "sess:", "express")),
        ("shop:sess:abc", Layout("express-session", "shop:sess:", "express")),
        (f"session:{'a' * 43}", Layout("flask-session", "session:", "flask")),
        (f"session:{UUID}", Layout("flask-session", "session:", "flask")),
        ("session:1234", Layout("unknown", "session:", "other")),
        ("user-sessions:1234", Layout("unknown", "user-sessions:", "other")),
        (
            ":1:django.contrib.sessions.cache" + "a1" * 16,
            Layout("django", ":1:django.contrib.sessions.cache", "django"),
        ),
        (
            "shop:2:django.contrib.sessions.cached_db" + "a1" * 16,
            Layout("django", "shop:2:django.contrib.sessions.cached_db", "django"),
        ),
        (f"PHPREDIS_SESSION:{PHP_ID}", Layout("php", "PHPREDIS_SESSION:", "php")),
        (f"PHPREDIS_SESSION:{PHP_ID}_LOCK", Layout("php", "PHPREDIS_SESSION:", "php", helper=True)),
        (f"memc.sess.key.{PHP_ID}", Layout("php", "memc.sess.key.", "php")),
        (f"memc.sess.key.lock.{PHP_ID}", Layout("php", "memc.sess.key.lock.", "php", helper=True)),
        (f"laravel-database-laravel-cache-{ALNUM40}", Layout("laravel", "laravel-database-laravel-cache-", "laravel")),
        (f"shop_database_shop_cache_:{ALNUM40}", Layout("laravel", "shop_database_shop_cache_:", "laravel")),
        (f"_session_id:2::{SHA256}", Layout("rails-server-side", "_session_id:", "rails")),
        (f"2::{SHA256}", Layout("rails-server-side", "", "rails")),
        ("{/shop_abcdefghijkl012345mnopqr}_Data", Layout("aspnet", "{/shop_", "aspnet")),
        ("{/shop_abcdefghijkl012345mnopqr}_Internal", Layout("aspnet", "{/shop_", "aspnet", helper=True)),
        ("{/shop_abcdefghijkl012345mnopqr}_Write_Lock", Layout("aspnet", "{/shop_", "aspnet", helper=True)),
        (UUID, Layout("aspnetcore-session", "", "aspnetcore")),
        (f"ShopSession{UUID}", Layout("aspnetcore-session", "ShopSession", "aspnetcore")),
        ("DataProtection-Keys", Layout("aspnetcore", "DataProtection-Keys", "aspnetcore", helper=True)),
        (f"redisson:tomcat_session:{HEX32}.app1", Layout("redisson", "redisson:tomcat_session:", "tomcat")),
        (f"shop:redisson:tomcat_session:{HEX32}", Layout("redisson", "shop:redisson:tomcat_session:", "tomcat")),
        ("redisson:tomcat_notified_nodes:x", Layout("redisson", "redisson:tomcat_", "tomcat", helper=True)),
        (HEX32, Layout("tomcat", "", "tomcat")),
        (f"{HEX32}.app1", Layout("tomcat", "", "tomcat")),
        (f"{HEX32}-n1.app1", Layout("memcached-session-manager", "", "tomcat")),
        (f"validity:{HEX32}-n1", Layout("memcached-session-manager", "validity:", "tomcat", helper=True)),
    ],
)
def test_layouts(key: str, layout: Layout) -> None:
    """Every store layout; helper keys are told from sessions."""
    assert layout_of(key) == layout


@pytest.mark.parametrize(
    "key",
    [
        "",
        "user:17",
        "cache:page:/home",
        f"product:{UUID}",
        f"laravel_cache:{'0a' * 20}",
        f"laravel_cache:{'0a' * 20}:timer",
        "2::short",
        "{app}_Data",
        "obsession",
        "sess:",
        "session:" + "x" * 2000,
        b"\xff\xfe\x00".decode("utf-8", "surrogateescape"),
    ],
)
def test_other_keys_have_no_layout(key: str) -> None:
    """Caches, rate limits, and what only looks alike."""
    assert layout_of(key) is None


def test_a_key_with_octets_that_are_no_text() -> None:
    """Escaped octets in the id change nothing."""
    key = b"sess:\xff\xfe".decode("utf-8", "surrogateescape")
    assert layout_of(key) == Layout("express-session", "sess:", "express")


@QUICK
@given(key=st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")), raw=st.binary(max_size=64))
def test_nothing_is_an_error(key: str, raw: bytes) -> None:
    """Any key, any value."""
    for spelled in (key, f"sess:{key}", f"spring:session:{key}", f"{{{key}}}_Data"):
        layout = layout_of(spelled)
        assert layout is None or spelled.startswith(layout.prefix)
    assert encoding_of(raw) in get_args(Encoding)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("key", ["session:" * 128, "_cache_" * 140, "sessions:" * 110, "a:index:" * 128])
def test_long_keys_are_quick(key: str) -> None:
    """A survey looks at a million keys."""
    found = layout_of(key)
    assert found is None or key.startswith(found.prefix)
