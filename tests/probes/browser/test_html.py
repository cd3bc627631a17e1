from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.probes.browser.html import DEEPEST, select
from sessiondoctor.probes.browser.page_form import forms_of
from tests.probes.browser.test_extract import response

PAGE = """
<!-- <input name=csrf value=commented> -->
<script>var s = '<input name=csrf value=script>';</script>
<form><input type=hidden name="csrf" value="a&amp;b"><meta name='token' content=c1>
<div id=box class="big red">Hello <b>you</b><div>there</div></div><textarea id=t>a<b</textarea></form>
"""
PIECES = ["<a ", "<a b='", "<a", "<!--", "<![CDATA[", "</a ", "<script>", "<div>", "<a b=c'", "<b><a>", "<p><font>",
          "<form><input name=a>", "<ul><li>", "<table><tr><td>", "<select><option>"]  # fmt: skip


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("input[name=csrf]", "a&b"),
        ('input[type="hidden"][name="csrf"]', "a&b"),
        ("meta[name=token]", "c1"),
        ("form > div", "Hello youthere"),
        ("div.red.big", "Hello youthere"),
        ("input[name^=cs]", "a&b"),
        ("#t", "a<b"),
        ("p", None),
        ("a:(", None),
        ("", None),
    ],
)
def test_an_element_gives_its_value_or_content_or_text(selector: str, value: str | None) -> None:
    """Comments and scripts hold no elements; entities are resolved; what is no selector finds nothing."""
    assert select(PAGE, selector) == value


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", PIECES)
def test_hostile_pages_take_linear_time(piece: str) -> None:
    """The longest page that is read takes well under a second, whatever is in it."""
    page = piece * (256 * 1024 // len(piece))
    assert select(page, "input[name=csrf]") is None
    assert all(form.names in {(), ("a",)} for form in forms_of(response(page)))


def test_a_page_as_deep_as_browsers_bear_is_read() -> None:
    """And one that is deeper is none."""
    assert select("<div>" * (DEEPEST // 2) + "<i>x", "i") == "x"
    assert select("<div>" * (DEEPEST + 1) + "<i>x", "i") is None


@given(st.text(alphabet="<>/='\"ab -!", max_size=60))
def test_no_page_breaks_it(page: str) -> None:
    """Whatever a server sends, there is a value or none."""
    assert isinstance(select(page, "a[b]"), str | None)
