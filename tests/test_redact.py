"""Tokens instead of secrets, and the last line of defence on every output."""

from __future__ import annotations

import base64
import html
import json
import re
import time
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.members.views import MemberView
from sessiondoctor.model import Severity
from sessiondoctor.redact import Redactor, scrubbed

SID = "s%3AhJ7yQ9.zzTopSecret"


def test_a_token_is_the_same_within_a_run() -> None:
    """So equal values stay comparable, and others differ."""
    redactor = Redactor()
    assert redactor.token(SID) == redactor.token(SID)
    assert redactor.token(SID) != redactor.token("another-session")


def test_a_token_differs_between_runs() -> None:
    """Reports cannot be joined by it, nor a dictionary be made."""
    assert len({Redactor().token(SID) for _ in range(20)}) > 1


def test_a_token_says_what_kind_of_value_it_stands_for() -> None:
    """`sid:` and four or more hexadecimal digits."""
    redactor = Redactor()
    kind, _, digits = redactor.token(SID).partition(":")
    assert (kind, len(digits)) == ("sid", 4)
    assert int(digits, 16) >= 0
    assert redactor.token("another-secret", "csrf").startswith("csrf:")
    assert redactor.fingerprint("a signing key").startswith("key:")


def test_an_empty_value_has_no_token() -> None:
    """There is nothing to compare."""
    assert Redactor().token("") == ""


def test_tokens_are_unique_however_many() -> None:
    """With four digits some of 2000 would collide; those get more."""
    redactor = Redactor()
    values = [f"session-{n}" for n in range(2000)]
    tokens = [redactor.token(value) for value in values]
    assert len(set(tokens)) == len(values)
    assert max(len(token) for token in tokens) > len("sid:0000")
    assert [redactor.token(value) for value in values] == tokens


def test_a_value_is_scrubbed_to_its_token() -> None:
    """Wherever it stands, however often."""
    redactor = Redactor()
    token = redactor.token(SID)
    assert redactor.scrub(f"GET /;sid={SID} {SID}!") == f"GET /;sid={token} {token}!"


def test_a_hidden_value_is_scrubbed_without_a_token() -> None:
    """Passwords are not compared."""
    redactor = Redactor()
    redactor.tell("hunter22")
    assert redactor.scrub("redis://:hunter22@host") == "redis://:[redacted]@host"


def test_the_longest_value_is_scrubbed_first() -> None:
    """Otherwise the rest of a longer one would stay readable."""
    redactor = Redactor()
    for value in ("s3cret", "s3cret.signature", "my.s3cret.signature"):
        redactor.hide(value)
    shown = redactor.scrub("my.s3cret.signature s3cret.signature s3cret").split(" ")
    assert [text.partition(":")[0] for text in shown] == ["hidden"] * 3
    assert len(set(shown)) == 3


def test_short_values_are_left() -> None:
    """`0`, `yes` and `en` are no secrets, and stand in every text."""
    redactor = Redactor()
    assert redactor.token("yes").startswith("sid:")
    redactor.hide("12345")
    assert redactor.scrub("yes 12345") == "yes 12345"


def test_nothing_secret_is_in_the_repr() -> None:
    """A traceback may print it."""
    redactor = Redactor()
    redactor.token(SID)
    assert SID not in repr(redactor)
    assert "zzTop" not in repr(redactor)


@given(st.lists(st.text(alphabet="abcdefgh01-", min_size=6, max_size=12), min_size=1, max_size=8), st.text())
def test_no_value_survives(values: list[str], between: str) -> None:
    """Whatever overlaps: no hidden value is in what comes out."""
    redactor = Redactor()
    values = [f"0{value}" for value in values]
    for value in values:
        redactor.hide(value)
    clean = redactor.scrub(between.join(values))
    rest = re.sub(r"hidden:[0-9a-f]+|\[redacted\]", "\n", clean)
    assert not [value for value in values if value in rest]


def test_values_that_overlap_are_one_gap() -> None:
    """The rest of the second would tell half of it."""
    redactor = Redactor()
    for value in ("s3cret.signature", "signature.0fMine"):
        redactor.hide(value)
    assert redactor.scrub("<s3cret.signature.0fMine>") == "<[redacted]>"


@pytest.mark.parametrize(
    "value", ["express", "spring-session", "not-enough-access", "127.0.0.1", "10.0.0.9:6379", "::1"]
)
def test_a_peer_cannot_blank_words_and_addresses(value: str) -> None:
    """A cookie of this value is no secret; the report needs the word."""
    redactor = Redactor()
    redactor.hide(value)
    assert redactor.scrub(f"a {value} b") == f"a {value} b"


def test_a_peer_cannot_blank_what_the_topology_declares() -> None:
    """Neither a name nor a part of a host."""
    redactor = Redactor(frozenset({"app1.shop.test"}))
    redactor.hide("app1.shop.test")
    redactor.hide("p1.shop")
    assert redactor.scrub("app1.shop.test") == "app1.shop.test"


@pytest.mark.parametrize("password", ["secret", "session", "redis", "a", "critical"])
def test_a_password_that_is_a_word_is_hidden_where_it_is_a_password(password: str) -> None:
    """Everywhere else it is the word, and a gap would tell the password."""
    redactor = Redactor()
    redactor.tell(password, "X-Key")
    prose = f"the session of redis is a critical secret: {password} a"
    assert redactor.scrub(prose) == prose
    for text in ("redis://u:{}@h", "password={}&b=1", '"password": "{}"', "x-key: {}", "X-Key={}"):
        assert redactor.scrub(text.format(password)) == text.format("[redacted]")


@pytest.mark.parametrize("password", ["hunter2 & sons", "pa/55@wörd", "correct horse battery"])
@pytest.mark.parametrize("before", ["", "u", "us", "use"])
def test_a_declared_secret_is_hidden_however_it_is_written(password: str, before: str) -> None:
    """Plain, in a URL, in a form, in JSON, in HTML, in base64 after whatever stands before it."""
    redactor = Redactor()
    redactor.tell(password)
    coded = base64.b64encode(f"{before}{password}:x".encode()).decode()
    plain = (password, quote(password, safe=""), quote_plus(password), json.dumps(password), html.escape(password))
    for text in plain:
        assert "[redacted]" in redactor.scrub(f"={text};")
    assert len(redactor.scrub(coded).replace("[redacted]", "")) < len(before) * 2 + 8


def test_the_time_is_that_of_the_text_however_many_values_there_are() -> None:
    """A site that sets thousands of cookies does not hold the report up."""
    redactor = Redactor()
    for number in range(20_000):
        redactor.hide(f"{number:05}-session-value")
    began = time.process_time()
    for number in range(2_000):
        redactor.scrub(
            f"a text with {number} in it, of the length of a summary that a check might write about two nodes"
        )
    assert time.process_time() - began < 1


@dataclass(frozen=True, slots=True)
class Seen:
    """Evidence with words of our own and of others."""

    state: Literal["kept", "lost-and-found"]
    node: str
    severity: Severity = Severity.CRITICAL
    more: tuple[dict[str, str], ...] = ()
    kind: type[object] = str


def test_words_of_this_tool_are_never_looked_at() -> None:
    """What may only be one of a few words did not come from outside; what did is scrubbed, keys as well."""
    redactor = Redactor()
    redactor.tell("lost-and-found-01")
    redactor.tell("lost-and-found")
    seen = scrubbed(Seen("lost-and-found", "lost-and-found-01", more=({"lost-and-found": "x"},)), redactor)
    assert seen == Seen("lost-and-found", "[redacted]", more=({"[redacted]": "x"},))


def test_all_evidence_of_a_scan_can_be_scrubbed() -> None:
    """Pieces name a type; that is copied as it is."""
    redactor = Redactor()
    redactor.tell("s3cret.signature")
    gathered = Gathered((Piece(Seen, "app1", Seen("kept", "s3cret.signature")), Piece(Seen, "app2", crash="?")))
    clean = scrubbed(gathered, redactor)
    assert clean.of(Seen)[0].value == Seen("kept", "[redacted]")
    assert clean.pieces[1] is gathered.pieces[1]


@given(st.text())
def test_any_text_has_a_token(value: str) -> None:
    """Also what is no Unicode: surrogates come from broken bytes."""
    redactor = Redactor()
    assert redactor.token(value + "\udcff").startswith("sid:")


def test_half_of_an_emoji_is_in_no_evidence() -> None:
    """What a peer's JSON may hold, and neither a report nor a bundle can."""
    piece = Piece(MemberView, "app1", MemberView("app1", "hazelcast", "\ud800", ("a\udfff", "\u00e9\U0001f600"), 2))
    clean = scrubbed(piece, Redactor()).value
    assert (clean.address, clean.members) == ("?", ("a?", "\u00e9\U0001f600"))
