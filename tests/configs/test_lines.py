"""The line of a place in a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.configs.lines import line_at


@given(st.text(st.sampled_from("a\n\r"), max_size=40), st.integers(0, 40))
def test_it_is_the_number_of_line_ends_before(text: str, place: int) -> None:
    """As counting them would say."""
    assert line_at(text, place) == text.count("\n", 0, place) + 1
