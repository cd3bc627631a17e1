"""Tokens instead of secrets, and the last line of defence on every output."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.redact import Redactor

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
    redactor.hide("hunter22")
    assert redactor.scrub("redis://:hunter22@host") == "redis://:[redacted]@host"


def test_the_longest_value_is_scrubbed_first() -> None:
    """Otherwise the rest of a longer one would stay readable."""
    redactor = Redactor()
    for value in ("secret", "secret.signature", "my.secret.signature"):
        redactor.hide(value)
    assert redactor.scrub("my.secret.signature secret.signature secret") == "[redacted] [redacted] [redacted]"


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


@given(st.lists(st.text(alphabet="abcdefghij-", min_size=6, max_size=12), min_size=1, max_size=8), st.text())
def test_no_value_survives(values: list[str], between: str) -> None:
    """Whatever overlaps: no hidden value is in what comes out."""
    redactor = Redactor()
    for value in values:
        redactor.hide(value)
    clean = redactor.scrub(between.join(values))
    assert not [value for value in values if value in clean.replace("[redacted]", "\n")]


@given(st.text())
def test_any_text_has_a_token(value: str) -> None:
    """Also what is no Unicode: surrogates come from broken bytes."""
    redactor = Redactor()
    assert redactor.token(value + "\udcff").startswith("sid:")
