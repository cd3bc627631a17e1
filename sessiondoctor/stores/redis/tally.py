"""What is counted of keys, group by group: in lists, so that a million keys cost little, and in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sessiondoctor.evidence.stores.census import Group
from sessiondoctor.formats.session_value import Layout
from sessiondoctor.stores.bins import Bins, by_size, by_time, fullest
from sessiondoctor.stores.contents import Contents
from sessiondoctor.stores.keys import Sorter, printable
from sessiondoctor.stores.redis.client import packed
from sessiondoctor.stores.redis.refusal import Refusal, not_redis, refusal
from sessiondoctor.stores.redis.value import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.stores.redis.replies import Reply

LOOKED_INTO = 20
"""Values of each group that are looked into."""

_MOST_TALLIES = 200  # groups; a session key under yet another prefix is a key of something else
_MOST_OBJECTS = 12  # names of encodings in a group
_NO_EXPIRY = -1  # as PTTL says; -2: there is no such key any more
_TYPES: Final = {name.encode(): name for name in ("string", "hash", "set", "zset", "list", "stream")}
_WORDS: Final = {
    "PTTL": ("PTTL",), "TYPE": ("TYPE",), "MEMORY USAGE": ("MEMORY", "USAGE"),
    "OBJECT ENCODING": ("OBJECT", "ENCODING"),
}  # fmt: skip

Answers = dict[str, list["Reply"]]
"""The replies about some keys, in their order, by the name of the command."""


class Questions:
    """Commands with a key as their only argument, to be sent about many keys."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._templates: dict[int, bytes] = {}

    def packed(self, keys: Iterable[bytes]) -> bytes:
        """All commands about the first key, then all about the second ..."""
        times = len(self.names)
        return b"".join([self._template(len(key)) % ((key,) * times) for key in keys])

    def answers(self, replies: list[Reply]) -> Answers:
        """The replies to them, by command."""
        return {name: replies[number :: len(self.names)] for number, name in enumerate(self.names)}

    def _template(self, length: int) -> bytes:
        known = self._templates.get(length)
        if known is None:
            blank = b"\0" * length
            commands = b"".join(packed((*_WORDS[name], blank)) for name in self.names)
            known = self._templates[length] = commands.replace(b"\n" + blank + b"\r", b"\n%b\r")
        return known


@dataclass(slots=True, eq=False)
class Tally:
    """What was seen of the keys of one layout; of those of something else if there is none.

    Attributes:
        values: keys to look into, with their types.
        tried: whether a single key has been asked about, lest a thousand refusals are logged.
        closed: whether the ACL keeps these keys from us, or presumably does.
        refused: whether it did so when asked.
    """

    layout: Layout | None = None
    keys: int = 0
    without_ttl: int = 0
    tried: bool = False
    closed: bool = False
    refused: bool = False
    values: list[tuple[bytes, str]] = field(default_factory=list)
    contents: Contents = field(default_factory=Contents)
    _ttls: Bins = field(default_factory=lambda: Bins(unit=1000))
    _sizes: Bins = field(default_factory=Bins)
    _types: Counter[str] = field(default_factory=Counter)
    _objects: Counter[str] = field(default_factory=Counter)

    def add(self, keys: list[bytes], answers: Answers, place: str) -> None:
        """Counts keys. Those that are gone already do not count.

        Raises:
            RedisTrouble: `place` refuses to tell the time to live, or talks nonsense.
        """
        try:
            counts = {name: Counter(replies) for name, replies in answers.items()}
        except TypeError:  # a list as a reply to any of these
            raise not_redis(place) from None
        self._add_ttls(counts["PTTL"], place)
        sizes = counts.get("MEMORY USAGE", {}).items()
        self._sizes.add({size: count for size, count in sizes if isinstance(size, int) and size >= 0})
        for kind, count in counts.get("TYPE", {}).items():
            if name := _type(kind):
                self._types[name] += count
        for word, count in counts.get("OBJECT ENCODING", {}).items():
            name = word.decode("ascii", "replace")[:20] if isinstance(word, bytes) and word.isalnum() else ""
            if name and (name in self._objects or len(self._objects) < _MOST_OBJECTS):
                self._objects[name] += count
        if len(self.values) < LOOKED_INTO:
            self._choose(keys, answers)

    def _add_ttls(self, ttls: Counter[Reply], place: str) -> None:
        for reply in ttls:
            if isinstance(reply, Refusal) and reply.code != "NOKEY":
                raise refusal(place, reply, "PTTL")
        expiring = {ttl: count for ttl, count in ttls.items() if isinstance(ttl, int) and ttl >= 0}
        self.without_ttl += ttls[_NO_EXPIRY]
        self.keys += ttls[_NO_EXPIRY] + sum(expiring.values())
        self._ttls.add(expiring)

    def merge(self, other: Tally) -> None:
        """Counts what another tally of the same layout has counted, elsewhere."""
        self.keys += other.keys
        self.without_ttl += other.without_ttl
        self._ttls.merge(other._ttls)
        self._sizes.merge(other._sizes)
        self._types.update(other._types)
        self._objects.update(other._objects)
        self.contents.merge(other.contents)

    def _choose(self, keys: list[bytes], answers: Answers) -> None:
        """Values that cannot be large to ask for: the beginning of a string, a field of a small hash."""
        sizes = answers.get("MEMORY USAGE") or [None] * len(keys)
        for key, kind, size in zip(keys, answers.get("TYPE", ()), sizes, strict=False):
            name = _type(kind)
            bounded = name == "string" or (isinstance(size, int) and size <= SMALL)
            if name and bounded and len(self.values) < LOOKED_INTO:
                self.values.append((key, name))

    def group(self, layout: Layout, sampled: int) -> Group:
        """This tally as evidence, beside the size of the whole sample."""
        return Group(
            product=layout.product,
            prefix=printable(layout.prefix),
            keys=self.keys,
            share=round(self.keys / max(1, sampled), 4),
            ttl_s=self._ttls.quantiles(),
            without_ttl=self.without_ttl,
            size_bytes=self._sizes.quantiles(),
            types=dict(self._types),
            encodings=dict(self.contents.encodings),
            classes=self.contents.classes,
            ttl_bars=by_time(self._ttls),
            size_bars=by_size(self._sizes),
            ttl_pile=fullest(self._ttls),
            objects=dict(self._objects),
        )


def _type(reply: Reply) -> str:
    """What TYPE says; empty for what no session is kept as."""
    return _TYPES.get(reply, "") if isinstance(reply, bytes) else ""


@dataclass(slots=True)
class Survey:
    """What has been counted on one server; several can be merged.

    Attributes:
        sorter: tells which keys are session keys.
        sampled: keys that were looked at.
        helpers: of these, indexes, locks and expiry entries.
        complete: whether these are all keys that there are.
        touched: values that were looked into.
    """

    sorter: Sorter
    sampled: int = 0
    helpers: int = 0
    complete: bool = False
    touched: int = 0
    others: Tally = field(default_factory=Tally)
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def sort(self, keys: list[bytes]) -> list[tuple[Tally, list[bytes]]]:
        """Keys by what they belong to; helper keys are counted and left out."""
        self.sampled += len(keys)
        # By identity, as layouts are looked up a million times and come from a cache; held here, none is recycled.
        found: dict[int, tuple[Layout | None, list[bytes]]] = {}
        layout_of = self.sorter.layout
        for key in keys:
            layout = layout_of(key)
            some = found.get(id(layout))
            if some is None:
                found[id(layout)] = (layout, [key])
            else:
                some[1].append(key)
        self.helpers += sum(len(some) for layout, some in found.values() if layout and layout.helper)
        return [(self._tally(layout), some) for layout, some in found.values() if not (layout and layout.helper)]

    def merge(self, other: Survey) -> None:
        """Adds what was counted elsewhere."""
        self.sampled += other.sampled
        self.helpers += other.helpers
        self.complete = self.complete and other.complete
        self.others.merge(other.others)
        for name, tally in other.tallies.items():
            if name in self.tallies:
                self.tallies[name].merge(tally)
            else:
                self.tallies[name] = tally

    def largest(self) -> Iterator[Tally]:
        """The groups that have keys, the largest first."""
        return (tally for tally in sorted(self.tallies.values(), key=lambda tally: -tally.keys) if tally.keys)

    def _tally(self, layout: Layout | None) -> Tally:
        if layout is None:
            return self.others
        name = (layout.product, layout.prefix)
        if name not in self.tallies and len(self.tallies) >= _MOST_TALLIES:
            return self.others
        return self.tallies.setdefault(name, Tally(layout))
