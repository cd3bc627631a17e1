"""What a read does to a key: seen in the key itself, and in counters that other clients move, too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.probes.stores.lookups import Examination, Instruments, Read, Sight, Window, seen
from sessiondoctor.stores.contract import Traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.evidence.stores.located import Lookup, Place, Said

REST = 10.0


@dataclass
class Store:
    """One key and the counters of its server. Each rest makes the key idle; `others` is called for each count."""

    ttl: float | None = 1800.0
    idle: float | None = 0.0
    hits: int = 0
    misses: int = 0
    counts: bool = True
    others: Callable[[Store], None] = lambda _store: None
    server: str = "here"
    label: str = "here/0"
    secret: str = field(default="sess:1", repr=False)

    async def ttl_s(self) -> float | None:
        """Seconds to live."""
        return self.ttl

    async def idle_s(self) -> float | None:
        """Seconds without use."""
        return self.idle

    async def traffic(self) -> Traffic | None:
        """The counters."""
        self.others(self)
        return Traffic(self.hits, self.misses) if self.counts else None

    async def place(self) -> Place:
        """Nobody asks."""
        raise AssertionError

    async def declared(self, ids: Sequence[str], patterns: Sequence[str]) -> None:
        """Nobody asks."""

    async def known(self, ids: Sequence[str]) -> None:
        """Nobody asks."""

    async def scan(self, ids: Sequence[str]) -> None:
        """Nobody asks."""

    def found(self) -> None:
        """A client finds the key."""
        self.hits += 1
        self.idle = 0.0 if self.idle is not None else None

    def missed(self) -> None:
        """A client asks for another key."""
        self.misses += 1


def examined(store: Store, on_read: Callable[[Store], Any], said: Said = "lost", *, rests: bool = True) -> Lookup:
    """What is said of a node that does this to the store at each read; its maker found the session at first."""

    async def at_home() -> Read:
        store.found()
        return Read("app1", "kept")

    async def read() -> Read:
        on_read(store)
        return Read("app2", said)

    async def run() -> Lookup:
        examination = Examination([store], Instruments([store]))
        store.idle = REST if store.idle is not None else None
        await examination.read(at_home)
        for _ in range(4):
            await examination.read(read)
        if rests:
            store.idle = REST if store.idle is not None else None
            await examination.read(read)
        (told,) = (look for look in examination.lookups() if look.node == "app2")
        return told

    return asyncio.run(run())


def test_a_key_that_is_used_was_found() -> None:
    """Its idle time falls; no counter is needed."""
    told = examined(Store(counts=False), Store.found)
    assert (told.outcome, told.how, told.said, told.doubt) == ("hit", "use", "lost", 0.0)


def test_a_key_that_is_renewed_was_found() -> None:
    """Its expiry rises, where the time of last use is not told."""

    def renew(store: Store) -> None:
        store.ttl = (store.ttl or 0.0) + 60.0

    told = examined(Store(idle=None, counts=False), renew)
    assert (told.outcome, told.how) == ("hit", "expiry")


def test_a_key_that_is_gone_was_deleted() -> None:
    """Whatever the answer says."""

    def delete(store: Store) -> None:
        store.ttl = None

    assert examined(Store(), delete).outcome == "deleted"


def test_nothing_is_looked_up() -> None:
    """Neither hits nor misses: no store was asked."""
    told = examined(Store(), lambda _store: None)
    assert (told.outcome, told.how) == ("not-asked", "counters")


def test_another_key_is_looked_up() -> None:
    """A miss each time, and none without a request."""
    told = examined(Store(), Store.missed)
    assert (told.outcome, told.how) == ("miss", "counters")
    assert told.doubt < 0.05


def test_a_node_that_makes_what_it_missed() -> None:
    """PHP keeps the id and makes an empty session under its own prefix: a miss at first, then hits of that key."""

    def found_after_a_miss(store: Store) -> None:
        store.hits += store.misses > 0
        store.misses += store.misses == 0

    told = examined(Store(), found_after_a_miss)
    assert told.outcome == "miss"


def test_a_node_that_finds_what_another_made() -> None:
    """It hits that other key at once; that the session's own key is not used tells them apart."""

    async def run() -> str:
        store = Store(idle=REST)
        examination = Examination([store], Instruments([store]))

        async def read(node: str, said: Said, act: Callable[[], None]) -> None:
            async def one() -> Read:
                act()
                return Read(node, said)

            await examination.read(one)

        def hit_another() -> None:
            store.hits += 1

        await read("app1", "kept", store.found)
        await read("app2", "lost", store.missed)
        store.idle = REST
        for _ in range(3):
            await read("app3", "lost", hit_another)
        return {look.node: look.outcome for look in examination.lookups()}["app3"]

    assert asyncio.run(run()) == "miss"


def test_a_busy_store_does_not_lead_astray() -> None:
    """Others find keys all the time: that this one is not used tells that it was not asked for."""
    busy = Store(others=lambda store: setattr(store, "hits", store.hits + 5))
    assert examined(busy, lambda _store: None).outcome == "not-asked"
    assert examined(busy, Store.missed).outcome == "miss"


def test_a_store_whose_others_miss_tells_nothing() -> None:
    """Misses in every control window: those around our request mean nothing."""
    busy = Store(others=lambda store: setattr(store, "misses", store.misses + 5))
    assert examined(busy, lambda _store: None).outcome == "unclear"


def test_hits_of_others_are_not_ours_without_use() -> None:
    """Where no time of use is told, hits that are there without us, too, decide nothing."""
    busy = Store(idle=None, others=lambda store: setattr(store, "hits", store.hits + 5))
    assert examined(busy, lambda _store: None).outcome == "unclear"
    assert examined(Store(idle=None), Store.found).outcome == "hit"


def test_without_counters_an_unused_key_is_not_explained() -> None:
    """Missed or never asked for: that is not known."""
    assert examined(Store(counts=False), lambda _store: None).outcome == "unclear"


def test_a_time_of_use_that_reading_does_not_move_says_nothing() -> None:
    """A file system that notes no reads: the session was found, and nothing showed."""
    frozen = Store(others=lambda store: setattr(store, "idle", REST))

    def hit(store: Store) -> None:
        store.hits += 1

    assert examined(frozen, hit).outcome == "hit"


@pytest.mark.parametrize(
    ("before", "after", "used"),
    [
        (3.0, 0.0, True),
        (1.0, 0.0, True),
        (3.0, 3.0, False),
        (1.0, 1.0, None),
        (None, None, None),
    ],
)
def test_use(before: float | None, after: float | None, used: bool | None) -> None:  # noqa: FBT001 - a table
    """A fall is proof of use; standing still is proof of none only after two whole seconds."""
    assert Sight(0.1, (9.0,), (after,)).used(Sight(0.0, (9.0,), (before,))) is used


def test_a_slow_read_may_end_with_an_idle_key() -> None:
    """Then no fall is no proof."""
    assert Sight(2.5, (9.0,), (2.0,)).used(Sight(0.0, (9.0,), (2.0,))) is None


def test_a_key_that_had_to_expire_is_not_deleted() -> None:
    """Less than a second was left to it."""
    assert seen("lost", Sight(0.0, (0.4,), (None,)), Sight(0.5, (None,), (None,)), None) == ("unclear", "")
    assert seen("lost", Sight(0.0, (9.4,), (None,)), Sight(0.5, (None,), (None,)), None) == ("deleted", "gone")


def test_an_evicted_key_is_not_deleted_by_a_read() -> None:
    """The store gave up keys during the read: it may have been this one."""
    here, gone = Sight(0.0, (9.4,), (None,)), Sight(0.5, (None,), (None,))
    assert seen("lost", here, gone, Window(hit=True, missed=False, given_up=True)) == ("unclear", "")


def test_a_node_may_know_a_session_without_the_store() -> None:
    """It reads a replica, or keeps a copy."""
    assert examined(Store(), lambda _store: None, "kept").outcome == "not-asked"
    assert examined(Store(), Store.found, "kept").outcome == "hit"
