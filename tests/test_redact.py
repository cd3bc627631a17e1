"""Tokens instead of secrets, and the last line of defence on every output."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.redact import Vault

SID = "s%3AhJ7yQ9.zzTopSecret"


def test_a_token_is_the_same_within_a_run() -> None:
    """So equal values stay comparable, and others differ."""
    vault = Vault()
    assert vault.token(SID) == vault.token(SID)
    assert vault.token(SID) != vault.token("another-session")


def test_a_token_differs_between_runs() -> None:
    """Reports cannot be joined by it, nor a dictionary be made."""
    assert len({Vault().token(SID) for _ in range(20)}) > 1


def test_a_token_says_what_kind_of_value_it_stands_for() -> None:
    """`sid:` and four or more hexadecimal digits."""
    vault = Vault()
    kind, _, digits = vault.token(SID).partition(":")
    assert (kind, len(digits)) == ("sid", 4)
    assert int(digits, 16) >= 0
    assert vault.token("another-secret", "csrf").startswith("csrf:")
    assert vault.print_of("a signing key").startswith("key:")


def test_an_empty_value_has_no_token() -> None:
    """There is nothing to compare."""
    assert Vault().token("") == ""


def test_tokens_are_unique_however_many() -> None:
    """With four digits some of 2000 would collide; those get more."""
    vault = Vault()
    values = [f"session-{n}" for n in range(2000)]
    tokens = [vault.token(value) for value in values]
    assert len(set(tokens)) == len(values)
    assert max(len(token) for token in tokens) > len("sid:0000")
    assert [vault.token(value) for value in values] == tokens


def test_a_value_is_scrubbed_to_its_token() -> None:
    """Wherever it stands, however often."""
    vault = Vault()
    token = vault.token(SID)
    assert vault.scrub(f"GET /;sid={SID} {SID}!") == f"GET /;sid={token} {token}!"


def test_a_hidden_value_is_scrubbed_without_a_token() -> None:
    """Passwords are not compared."""
    vault = Vault()
    vault.hide("hunter22")
    assert vault.scrub("redis://:hunter22@host") == "redis://:[redacted]@host"


def test_the_longest_value_is_scrubbed_first() -> None:
    """Otherwise the rest of a longer one would stay readable."""
    vault = Vault()
    for value in ("secret", "secret.signature", "my.secret.signature"):
        vault.hide(value)
    assert vault.scrub("my.secret.signature secret.signature secret") == "[redacted] [redacted] [redacted]"


def test_short_values_are_left() -> None:
    """`0`, `yes` and `en` are no secrets, and stand in every text."""
    vault = Vault()
    assert vault.token("yes").startswith("sid:")
    vault.hide("12345")
    assert vault.scrub("yes 12345") == "yes 12345"


def test_nothing_secret_is_in_the_repr() -> None:
    """A traceback may print it."""
    vault = Vault()
    vault.token(SID)
    assert SID not in repr(vault)
    assert "zzTop" not in repr(vault)


@given(st.lists(st.text(alphabet="abcdefghij-", min_size=6, max_size=12), min_size=1, max_size=8), st.text())
def test_no_value_survives(values: list[str], between: str) -> None:
    """Whatever overlaps: no hidden value is in what comes out."""
    vault = Vault()
    for value in values:
        vault.hide(value)
    clean = vault.scrub(between.join(values))
    assert not [value for value in values if value in clean.replace("[redacted]", "\n")]


@given(st.text())
def test_any_text_has_a_token(value: str) -> None:
    """Also what is no Unicode: surrogates come from broken bytes."""
    vault = Vault()
    assert vault.token(value + "\udcff").startswith("sid:")
