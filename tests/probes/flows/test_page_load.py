"""One page load: requests of a session at once, and the files of the page."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.flows.page_load import Asset, PageLoad
from sessiondoctor.probes.contract import Absent
from sessiondoctor.probes.flows import page_load
from sessiondoctor.topology.model import bare
from sessiondoctor.topology.steps import Flow
from tests.fakes.cluster import Call, Reply
from tests.fakes.counter_site import READ, WRITE, Run

FLOW = Flow(write=WRITE, read=READ)
PAGE = '<img src="/logo.png?v=1"><script src="/app.js"></script><img src="/other.png"><img src="http://cdn.test/x.png">'


@dataclass(slots=True)
class Shop:
    """An application whose sessions may change their ids.

    Attributes:
        regenerates: each request ends the old id and makes a new one, as session_regenerate_id(true) does.
        asset: Set-Cookie and Cache-Control of its files, each empty for none; {new} is a session that nobody has.
        loses: every second look finds nothing.
    """

    regenerates: bool = False
    asset: tuple[str, str] = ("", "")
    loses: bool = False
    works: bool = True
    sessions: dict[str, str] = field(default_factory=dict)
    looks: int = 0

    async def __call__(self, call: Call) -> Reply:
        """Answer."""
        path, sid = call.path.partition("?")[0], call.cookies.get("sid", "")
        if path == "/":
            return Reply(body=PAGE)
        if path.endswith((".png", ".js")):
            cookie, cache = self.asset
            headers = [("Set-Cookie", cookie.format(new=secrets.token_hex(16)))] if cookie else []
            return Reply(headers=(*headers, *([("Cache-Control", cache)] if cache else [])))
        if call.method == "POST":
            return self._with(secrets.token_hex(16), call.body.partition("=")[2]) if self.works else Reply(403, "no")
        await asyncio.sleep(0.02)
        self.looks += 1
        item = self.sessions.get(sid, "") if not self.loses or self.looks % 2 else ""
        if not self.regenerates:
            return Reply(body=item)
        self.sessions.pop(sid, None)
        return self._with(secrets.token_hex(16), item)

    def _with(self, sid: str, item: str) -> Reply:
        self.sessions[sid] = item
        return Reply(body=item, headers=(("Set-Cookie", f"sid={sid}; Path=/; HttpOnly"),))


def seen(shop: Shop) -> PageLoad:
    """The evidence; never more requests than planned."""
    found: PageLoad = Run(shop, [], FLOW).of(page_load.plan)
    return found


def test_a_session_that_bears_it() -> None:
    """Six at once, and three files of its own host, none of another."""
    found = seen(Shop())
    assert (found.looks, found.before, found.at_once, found.replaced) == (4, 4, 6, 0)
    assert (found.after, found.after_assets) == ("kept", "kept")
    assert found.assets == (Asset("/logo.png", 200), Asset("/app.js", 200))


def test_an_id_that_changes_under_requests_at_once() -> None:
    """One after the other all is well; of six at once five carry an id that is gone."""
    found = seen(Shop(regenerates=True))
    assert (found.before, found.at_once) == (4, 6)
    assert found.replaced == 6
    assert (found.after, found.after_assets) == ("lost", "unknown")


def test_what_is_lost_anyhow_is_not_blamed_on_it() -> None:
    """No request at once is sent."""
    shop = Shop(loses=True)
    found = seen(shop)
    assert (found.before, found.at_once, found.after) == (2, 0, "unknown")
    assert shop.looks == 4


@pytest.mark.parametrize(
    ("asset", "cacheable", "sets", "after"),
    [
        (("sid={new}; Path=/", ""), False, True, "lost"),
        (("sid={new}; Path=/", "public, max-age=600"), True, True, "lost"),
        (("theme=dark; Path=/", "max-age=600"), True, False, "kept"),
        (("", "private, max-age=600"), False, False, "kept"),
        (("", "no-cache, max-age=600"), False, False, "kept"),
        (("", "max-age=0"), False, False, "kept"),
    ],
)
def test_files_of_the_page(asset: tuple[str, str], *, cacheable: bool, sets: bool, after: str) -> None:
    """Whether caches may keep them, whether they set the session's cookie, and what that does."""
    found = seen(Shop(asset=asset))
    assert {(one.cacheable, one.sets_session) for one in found.assets} == {(cacheable, sets)}
    assert found.after_assets == after


def test_without_a_session_nothing_is_said() -> None:
    """A write that does not work is no loss."""
    with pytest.raises(Unavailable, match="no session could be made"):
        seen(Shop(works=False))


def test_without_a_flow_there_is_nothing_to_look_at() -> None:
    """The plan says so."""
    (entry,) = page_load.plan(bare("http://shop.test/"), Run(Shop(), [], FLOW).options)
    assert isinstance(entry, Absent)
