"""The file that is written: valid whatever was read, with its sources, and without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.drafting.document import written
from sessiondoctor.drafting.lines import Line, quoted, text_of
from sessiondoctor.drafting.parts import BalancerPart, Components, NodePart, SitePart, StorePart, Told
from sessiondoctor.drafting.visit import Page, Visit, path_below
from sessiondoctor.probes.browser.page_form import PageForm
from sessiondoctor.topology.loader import load_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.topology.model import Topology

HOSTILE = ["a: b # c", "x\ny", "${HOME}", "'\"\\", "- a", "{a}", "@", "\u202e", "true", "0x1", "*a", "é", "[", "a\tb"]
CART = PageForm("https://shop.example.com/cart", "POST", (), ("csrf", "item"), ("item",))
LOGIN = PageForm("https://shop.example.com/login", "POST", (), ("user", "pw"), ("user", "pw"), ("pw",))
CONTACT = PageForm("https://shop.example.com/cart", "POST", (), ("email", "message"), ("email", "message"))


def loaded(found: Components, visit: Visit | None = None, environ: Mapping[str, str] | None = None) -> Topology:
    """What is written, read back."""
    return load_text(written(found, visit, environ or {}), "sessiondoctor.yaml", environ or {})


def visited(*pages: Page) -> Visit:
    """A visit that saw these pages."""
    return Visit("https://shop.example.com/", 200, stack="express", session_cookie="sid", pages=pages)


def test_nothing_known_is_a_file_that_can_be_read() -> None:
    """With a URL that is marked as one to fill in."""
    text = written(Components(), None, {})
    assert "TODO: the URL that users open" in text
    assert load_text(text, "x.yaml", {}).site.url == "https://www.example.com/"


def test_every_part_is_read_back() -> None:
    """Values in their places, sources beside them."""
    found = Components(
        SitePart(mode=Told("external", "a:1"), idle_timeout=Told("30m", "a:2"), config=("all.yaml",)),
        (BalancerPart("edge", "haproxy", Told("SRV", "h:3"), ("haproxy.cfg",)),),
        (NodePart("app1", Told("10.0.0.1:3000", "h:4"), route=Told("r1", "h:4"), config=("app1/.env",)),
         NodePart("app2", Told("app2:3000", "h:5"), reachable=False)),
        (StorePart("sessions", "redis", Told("redis://10.0.0.9:6379/0", "e:1"), keys=Told("sess:*", "e:2")),),
    )  # fmt: skip
    read = loaded(found, visited())
    assert (read.site.mode, read.site.idle_timeout, read.site.stack, read.site.session_cookie) == (
        "external", 1800, "express", "sid",
    )  # fmt: skip
    assert read.load_balancers[0].affinity_cookie == "SRV"
    assert (read.nodes[0].url, read.nodes[0].route, read.nodes[0].store) == ("http://10.0.0.1:3000/", "r1", "sessions")
    assert read.nodes[0].headers == {"Host": "shop.example.com", "X-Forwarded-Proto": "https"}
    assert read.nodes[1].url == ""
    assert read.stores[0].keys == "sess:*"
    assert "# h:4" in written(found, visited(), {})


def test_a_password_is_a_variable() -> None:
    """In use where it is set, else as a comment: the file can be read either way."""
    store = StorePart("sessions", "redis", Told("redis://10.0.0.9:6379/0", "e:1"), password="REDIS_PASSWORD")
    without = loaded(Components(stores=(store,)))
    assert without.stores[0].url[0].reveal() == "redis://10.0.0.9:6379/0"
    assert "${REDIS_PASSWORD}" in written(Components(stores=(store,)), None, {})
    known = loaded(Components(stores=(store,)), environ={"REDIS_PASSWORD": "pw-7"})
    assert known.stores[0].url[0].reveal() == "redis://:pw-7@10.0.0.9:6379/0"


def test_a_cart_is_a_guess() -> None:
    """Its form is sent with a text, which is looked for again."""
    text = written(Components(), visited(Page("/", ()), Page("/cart", (CART,))), {})
    flow = load_text(text, "x.yaml", {}).site.flow
    assert "A guess" in text
    assert [step.path for step in flow.write] == ["/cart", ""]
    assert flow.write[1].auto
    assert flow.write[1].fields == {"item": "{marker}"}
    assert (flow.read[0].path, flow.read[0].expect) == ("/cart", "{marker}")


@pytest.mark.parametrize("form", [LOGIN, CONTACT])
def test_other_forms_are_comments(form: PageForm) -> None:
    """Nobody is written to, and nobody logged in, before somebody has said so."""
    text = written(Components(), visited(Page("/cart", (form,))), {})
    flow = load_text(text, "x.yaml", {}).site.flow
    assert (flow.write, flow.login, flow.form) == ((), (), ())
    assert "TODO" in text


def test_a_login_is_ready_to_be_used() -> None:
    """The fields are those of the page; the account comes from the environment."""
    text = written(Components(), visited(Page("/login", (LOGIN,))), {})
    used = text.replace("  #   ", "    ").replace("# flow:", "flow:", 1)
    used = "\n".join(line for line in used.splitlines() if "write:" not in line and "read:" not in line)
    flow = load_text(used, "x.yaml", {"TEST_USER": "u", "TEST_PASSWORD": "p"}).site.flow
    assert flow.login[1].fields == {"user": "{user}", "pw": "{password}"}


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_words_stay_words(word: str) -> None:
    """In values and in comments; nothing of a file or a page becomes a key."""
    found = Components(
        SitePart(config=(word,)), (BalancerPart("edge", config=(word,)),),
        (NodePart("app1", Told("10.0.0.1:80", word), route=Told(word, word)),), unread=(word,),
    )  # fmt: skip
    form = PageForm("https://shop.example.com/cart", "POST", (), (word,), (word,))
    shop = "https://shop.example.com/"
    read = loaded(found, visited(Page(path_below(f"{shop}cart/{word}", shop), (form,)), Page("/cart", (form,))))
    assert [node.name for node in read.nodes] == ["app1"]
    assert read.nodes[0].route in {word, word.replace("\t", " ")}


def test_a_long_source_stands_above() -> None:
    """Lines can be read."""
    text = text_of([Line("a: b", "x" * 100)])
    assert text.splitlines() == [f"# {'x' * 100}", "a: b"]


@pytest.mark.parametrize(("text", "yaml"), [("a.b/c", "a.b/c"), ("", '""'), ("a b", '"a b"'), ("yes", '"yes"')])
def test_scalars(text: str, yaml: str) -> None:
    """Quotes only where they are needed."""
    assert quoted(text) == yaml
