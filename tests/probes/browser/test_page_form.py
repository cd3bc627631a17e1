from __future__ import annotations

from sessiondoctor.probes.browser.page_form import PageForm, form_for, forms_of
from tests.probes.browser.test_extract import HTML, answered

LOGIN = """
<form action="/search"><input name=q></form>
<form id=f method=post action="login?next=%2F"><input type=hidden name=csrf value="t&amp;1"><input name=user>
<input type=password name=password><input type=checkbox name=stay><input type=checkbox name=ok checked>
<select name=lang><option value=de>German<option value=en selected>English</select><textarea name=note>
hi</textarea><input name=off disabled value=x><input type=file name=up><button name=go value=in>Log in</button>
<button name=other value=2>Other</button></form><input form=f name=late value=1>
"""


def forms(page: str, url: str = "http://shop.test/app/login") -> tuple[PageForm, ...]:
    """The forms of a page at this URL."""
    return forms_of(answered(url, 200, (HTML,), page))


def test_a_form_is_sent_as_a_browser_does() -> None:
    """Hidden fields, defaults, the first button; neither unticked boxes nor what is disabled."""
    form = form_for(forms(LOGIN), ["user", "password"])
    assert form
    assert (form.method, form.action) == ("POST", "http://shop.test/app/login?next=%2F")
    assert dict(form.fields) == {
        "csrf": "t&1", "user": "", "password": "", "ok": "on", "lang": "en", "note": "hi", "go": "in", "late": "1",
    }  # fmt: skip
    assert form.names == ("csrf", "user", "password", "stay", "ok", "lang", "note", "go", "other", "late")


def test_declared_values_come_on_top() -> None:
    """They replace what the page has, and may add to it."""
    form = form_for(forms(LOGIN), ["user"])
    assert form
    filled = dict(form.filled({"user": "ann", "extra": "1"}))
    assert (filled["user"], filled["csrf"], filled["extra"]) == ("ann", "t&1", "1")


def test_the_form_with_most_of_the_fields_is_meant() -> None:
    """Else one that is posted; a page without forms has none."""
    assert [form_for(forms(LOGIN), names) for names in (["q"], [])] == [*forms(LOGIN)[:2]]
    assert form_for(forms("<p>no form"), ["q"]) is None


def test_a_base_element_moves_the_action() -> None:
    """Without an action it is the page itself."""
    assert forms('<base href="/x/"><form action=y></form>')[0].action == "http://shop.test/x/y"
    assert forms("<form></form>")[0].action == "http://shop.test/app/login"
