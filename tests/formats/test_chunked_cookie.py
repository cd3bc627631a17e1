"""Cookies that came in several parts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.chunked_cookie import is_chunk, is_head, joined
from sessiondoctor.formats.session_cookie import data_protection_key_id
from tests.formats import producers

QUICK = settings(max_examples=150, deadline=None)
NAME = ".AspNetCore.Cookies"
NAMES = st.sampled_from([NAME, f"{NAME}C1", f"{NAME}C2", f"{NAME}C1C1", "C1", "", "sid"]) | st.text(max_size=20)
VALUES = st.sampled_from(["chunks-2", "chunks:1", "chunks-0", "chunks-99", "chunks-100", "chunks-٢", "x"]) | st.text()


def split(value: str, size: int, mark: str = "chunks-") -> dict[str, str]:
    """What ChunkingCookieManager.AppendResponseCookie sets."""
    parts = [value[at : at + size] for at in range(0, len(value), size)]
    return {NAME: f"{mark}{len(parts)}", **{f"{NAME}C{number}": part for number, part in enumerate(parts, 1)}}


@pytest.mark.parametrize("mark", ["chunks-", "chunks:"])
def test_the_key_is_read_from_the_whole(mark: str) -> None:
    """The header of the payload may itself be split."""
    cookies = split(producers.protected(36, url_safe=True), 12, mark)
    assert data_protection_key_id(joined(NAME, cookies[NAME], cookies)) == str(producers.RING_KEY)
    assert not any(map(data_protection_key_id, cookies.values()))


@pytest.mark.parametrize("gone", [f"{NAME}C1", f"{NAME}C2", f"{NAME}C3"])
def test_a_part_is_missing(gone: str) -> None:
    """Then the cookie is what it says, as for ASP.NET."""
    cookies = split("abcdefghi", 3)
    del cookies[gone]
    assert joined(NAME, cookies[NAME], cookies) == "chunks-3"


def test_what_is_a_part() -> None:
    """Only beside a cookie that announces parts."""
    cookies = split("abcdef", 3)
    assert [name for name in cookies if is_chunk(name, cookies)] == [f"{NAME}C1", f"{NAME}C2"]
    assert not is_chunk("SC1", {"S": "a session", "SC1": "x"})
    assert [is_head(value) for value in ("chunks-2", "chunks:2", "chunks-", "chunks-0", "chunks-2x")] == [
        True, True, False, False, False,
    ]  # fmt: skip


@QUICK
@given(st.text(min_size=1, max_size=500), st.integers(10, 600))
def test_what_is_split_is_joined(value: str, size: int) -> None:
    """Whatever it holds."""
    cookies = split(value, size)
    assert joined(NAME, cookies[NAME], cookies) == value


@QUICK
@given(NAMES, VALUES, st.dictionaries(NAMES, VALUES, max_size=8))
def test_no_cookies_crash(name: str, value: str, cookies: dict[str, str]) -> None:
    """Whatever they are called; what is joined came from them."""
    whole = joined(name, value, cookies)
    assert whole == value or (is_head(value) and whole.startswith(cookies[f"{name}C1"]))
    assert is_chunk(name, cookies) in {True, False}
