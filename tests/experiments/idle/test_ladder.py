from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.experiments.idle import ladder as module
from sessiondoctor.experiments.idle import state
from sessiondoctor.experiments.idle.ladder import Ladder, Progress
from sessiondoctor.experiments.idle.visitors import Look, Part, Visitor
from sessiondoctor.formats.jar import Jar
from sessiondoctor.formats.set_cookie import read_set_cookie
from tests.fakes.virtual_time import now, run_at_once

if TYPE_CHECKING:
    from sessiondoctor.experiments.idle.visitors import Visits


@dataclass
class Site:
    """Sessions that end `life_s` after their last use, or after their making; affinity likewise."""

    life_s: float
    affinity_s: float
    renews: bool = True
    declared: bool = True
    names_nodes: bool = True
    works: bool = True
    made: int = 0
    used: dict[int, float] = field(default_factory=dict)

    @property
    def recipe(self) -> Any:
        """Whether there is a flow."""
        return self

    async def make(self, part: Part, age_s: float, every_s: float = 0.0) -> Visitor:
        """A session; its number is in its URL."""
        self.made += 1
        self.used[self.made] = now()
        return Visitor(part, age_s, every_s, now(), now(), str(self.made), "app1")

    async def use(self, visitor: Visitor) -> tuple[Look, Visitor]:
        """Whether it is there."""
        number, life = int(visitor.url), self.life_s if visitor.part == "session" else self.affinity_s
        kept = now() - self.used[number] < life and self.works
        if self.renews:
            self.used[number] = now()
        return Look(kept, now(), now()), visitor


def climb(site: Site, monkeypatch: pytest.MonkeyPatch, up_to_s: float = 100.0, most: int = 24) -> Progress:
    """A whole run on a clock of its own."""
    monkeypatch.setattr(module, "age_of", lambda visitor: now() - visitor.made_at)

    async def run() -> Progress:
        visits = cast("Visits", site)
        return await Ladder(visits, Progress(up_to_s), most, lambda _: None).run()

    return run_at_once(run())


def test_two_ends_are_found_within_five_per_cent(monkeypatch: pytest.MonkeyPatch) -> None:
    """And that use renews both."""
    seen = climb(Site(40.0, 20.0), monkeypatch)
    session, affinity = seen.span("session"), seen.span("affinity")
    assert session.kept_s < 40.0 <= session.lost_s <= session.kept_s * 1.05
    assert affinity.kept_s < 20.0 <= affinity.lost_s <= 21.0
    assert seen.renewed == {"session": True, "affinity": True}
    assert not seen.waiting


def test_a_life_that_use_does_not_renew(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends on its day."""
    assert climb(Site(40.0, 20.0, renews=False), monkeypatch).renewed == {"session": False, "affinity": False}


def test_what_outlives_the_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is narrowed."""
    site = Site(1e6, 1e6)
    seen = climb(site, monkeypatch)
    assert seen.span("session").kind == "lasts"
    assert 99.0 <= seen.span("session").kept_s <= 101.0
    assert (seen.closer, seen.renewed) == ([], {})
    assert site.made == 1 + 13 * 7


def test_few_sessions_give_a_wider_span(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where each costs a login."""
    site = Site(40.0, 1e6)
    seen = climb(site, monkeypatch, most=3)
    assert seen.span("session").kept_s < 40.0 <= seen.span("session").lost_s
    assert sum(1 for one in seen.readings["session"]) <= 3 + 2 * 3


def test_nodes_that_nobody_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Affinity cannot be told; it is asked for no more than once."""
    seen = climb(Site(40.0, 20.0, names_nodes=False), monkeypatch)
    assert seen.span("affinity").kind == "unknown"
    assert seen.span("session").kind == "ends"


def test_a_flow_that_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said at once, before anybody waits."""
    with pytest.raises(Unavailable, match="not there right after it was made"):
        climb(Site(40.0, 20.0, works=False), monkeypatch)


def test_an_interrupt_leaves_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is still waiting, and a later run goes on with it."""
    monkeypatch.setattr(module, "age_of", lambda visitor: now() - visitor.made_at)
    site, kept = Site(40.0, 20.0), Progress(100.0)

    async def interrupted() -> Progress:
        first = asyncio.create_task(Ladder(cast("Visits", site), kept, 24, lambda _: None).run())
        await asyncio.sleep(8)
        first.cancel()
        seen = await first
        assert seen.interrupted
        assert seen.waiting
        assert seen.read
        again = state.read(_saved(seen), "shop")
        return await Ladder(cast("Visits", site), again, 24, lambda _: None).run()

    seen = run_at_once(interrupted())
    assert not seen.waiting
    assert seen.span("session").kept_s < 40.0 <= seen.span("session").lost_s <= 42.0


def _saved(progress: Progress) -> Path:
    import tempfile

    file = Path(tempfile.mkdtemp()) / "state.json"
    file.write_bytes(state.written("shop", progress))
    return file


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    """Cookies and extracted values included."""
    jar = Jar()
    jar.store(read_set_cookie("sid=a-secret; Path=/"), "http://shop/", 1000.0)
    visitor = Visitor("session", 9.0, 0.0, 1.0, 2.0, "http://shop/", "app1", jar.all(), {"marker": "sd1"})
    file = tmp_path / "state.json"
    file.write_bytes(
        state.written("shop", Progress(60.0, closer=["session"], renewed={"session": True}, waiting=[visitor]))
    )
    back = state.read(file, "shop")
    assert back.waiting == [visitor]
    assert (back.up_to_s, back.closer, back.renewed) == (60.0, ["session"], {"session": True})
    assert "a-secret" not in repr(replace(visitor))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        (json.dumps({"schema": "x"}), "expected the state"),
        (json.dumps({"schema": state.SCHEMA, "target": "other"}), "is of other, not of shop"),
        (json.dumps({"schema": state.SCHEMA, "target": "shop"}), "damaged"),
    ],
)
def test_files_that_are_no_state(tmp_path: Path, text: str, says: str) -> None:
    """One line says what is wrong."""
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(UsageError, match=says):
        state.read(tmp_path / "state.json", "shop")
    with pytest.raises(UsageError, match="cannot read"):
        state.read(tmp_path / "none.json", "shop")
