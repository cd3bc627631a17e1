from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.probes.browser.css import read_selector, select

PAGE = """
<!-- <input name=csrf value=commented> -->
<script>var s = '<input name=csrf value=script>';</script>
<form><input type=hidden name="csrf" value="a&amp;b"><meta name='token' content=c1>
<div id=box class="big red">Hello <b>you</b><div>there</div></div><textarea id=t>a<b</textarea></form>
"""


def found(selector: str, page: str = PAGE) -> str | None:
    """What the selector finds."""
    read = read_selector(selector)
    assert read
    return select(page, read)


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("input[name=csrf]", "a&b"),
        ('input[type="hidden"][name="csrf"]', "a&b"),
        ("[name='csrf']", "a&b"),
        ("meta[name=token]", "c1"),
        ("#box", "Hello youthere"),
        ("div.red.big", "Hello youthere"),
        ("DIV#box", "Hello youthere"),
        ("#t", "a<b"),
        ("input[value]", "a&b"),
        ("p", None),
        ("div.green", None),
        ("input[name=other]", None),
    ],
)
def test_an_element_gives_its_value_or_content_or_text(selector: str, value: str | None) -> None:
    """Comments and scripts hold no elements; entities are resolved."""
    assert found(selector) == value


@pytest.mark.parametrize("selector", ["", "*", "a b", "a > b", "a, b", "a:hover", "[a^=b]", "input[name=csrf"])
def test_more_of_css_is_not_understood(selector: str) -> None:
    """Rather nothing than something else."""
    assert read_selector(selector) is None


def test_an_unclosed_tag_is_none() -> None:
    """As in a browser: it runs to the end of the page."""
    assert found("input", "<input name=a <b value='") is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<a ", "<a b='", "<a", "<!--", "<![CDATA[", "</a ", "<script>", "<div>", "<a b=c'"])
def test_hostile_pages_take_linear_time(piece: str) -> None:
    """The longest page that is read takes well under a second, whatever is in it."""
    page = piece * (256 * 1024 // len(piece))
    assert found("input[name=csrf]", page) is None
    assert found("div", page) in (None, "")


@given(st.text(alphabet="<>/='\"ab -!", max_size=60))
def test_no_page_breaks_it(page: str) -> None:
    """Whatever a server sends, there is a value or none."""
    assert isinstance(found("a[b]", page), str | None)
