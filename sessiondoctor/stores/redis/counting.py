"""A census of session keys: SCAN, and a few commands about each key; all of them, or a random sample.

Redis orders keys by a hash under a random seed, so the first keys of a SCAN are a random sample with respect to
expiry and size. 26,492 keys put every quantile within 1 % of rank at 99 % confidence, however many there are
(Dvoretzky-Kiefer-Wolfowitz: n = ln(2 / 0.01) / (2 * 0.01 ** 2)).

SCAN gives every key that is there from its beginning to its end at least once. It may give one twice when the server
resizes its table meanwhile. A sample leaves repetitions out; a full census remembers no keys, and counts them twice.

None of the commands resets the idle time of a key but the few GETRANGE and HSCAN at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.census import Census
from sessiondoctor.stores.keys import Sorter
from sessiondoctor.stores.redis.client import Link, packed
from sessiondoctor.stores.redis.primaries import open_all
from sessiondoctor.stores.redis.refusal import Refusal, not_redis, refusal
from sessiondoctor.stores.redis.stream import Stream
from sessiondoctor.stores.redis.tally import Questions, Survey, Tally
from sessiondoctor.stores.redis.value import contents_of

if TYPE_CHECKING:
    from sessiondoctor.context import Context, Options
    from sessiondoctor.stores.redis.replies import Reply
    from sessiondoctor.topology.model import Store, Topology

ENOUGH = 26_500
"""Keys after which a sample takes no more."""

MOST_COMMANDS = 4 * ENOUGH + 2000
"""What one sample sends."""

_SAMPLE_S = 15.0
_RESERVE_S = 1.0  # before the scan ends: for the values, and for what else waits
_STEPS = 5000  # of a sample; a table that has shrunk is mostly empty: many SCANs give few keys
_GROUPS = 20
_SESSIONS: Final = ("PTTL", "TYPE", "MEMORY USAGE", "OBJECT ENCODING")
_OTHERS: Final = ("PTTL",)
_TELL_EVERY_S = 0.2
_DOZE_S = 0.002  # the event loop does not sleep for less than a millisecond


@dataclass(frozen=True, slots=True)
class ScanPace:
    """How fast keys are asked about.

    Attributes:
        keys: how many with one SCAN, and in one batch.
        busy: how much of the server's time is ours at most, 0..1.
        ahead: whether the next batch is sent before the last is answered.
    """

    keys: int
    busy: float
    ahead: bool


# Other clients wait while the server works on what is under way: a fifth of a millisecond, or twice that for a sample,
# which is over in a quarter of a second.
GENTLE: Final = ScanPace(keys=24, busy=0.25, ahead=False)
BRIEF: Final = ScanPace(keys=64, busy=1.0, ahead=True)
HURRIED: Final = ScanPace(keys=1000, busy=1.0, ahead=True)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a census ends: after so many keys (0: all of them) and at a time of the event loop."""

    enough: int
    ends: float


async def take(store: Store, ctx: Context, enough: int = ENOUGH) -> Census:
    """Counts the session keys of the database that the store's URL names.

    Raises:
        Unavailable: it does not answer, or may not be asked.
    """
    full = ctx.options.census == "full"
    scan_pace = gait_for(ctx.options)
    async with open_all(store.url, ctx.redactor) as primaries:
        totals = await asyncio.gather(*(_keys(link) for link in primaries.links))
        surveys = [Survey(Sorter(_patterns(store, ctx.topology))) for _ in primaries.links]
        told = partial(_tell, ctx, surveys, sum(totals))
        shares = [0 if full else ceil(enough * keys / max(1, sum(totals))) or 1 for keys in totals]
        one_by_one = [
            _one(link, survey, scan_pace, bounds_for(ctx, share), told)
            for link, survey, share in zip(primaries.links, surveys, shares, strict=True)
        ]
        troubles = [trouble for trouble in await asyncio.gather(*one_by_one) if isinstance(trouble, Unavailable)]
    if len(troubles) == len(surveys):
        raise troubles[0]
    survey = surveys[0]
    for other in surveys[1:]:
        survey.merge(other)
    missed = "; ".join((*primaries.gaps, *(trouble.reason for trouble in troubles)))
    survey.complete = survey.complete and not missed
    touched = sum(each.touched for each in surveys)
    cut = missed or _cut(full, survey)
    return evidence(store.name, primaries.link.address.database, sum(totals), survey, touched=touched, cut=cut)


async def _keys(link: Link) -> int:
    """How many keys a server says it has."""
    total = await link.one("DBSIZE")
    return total if isinstance(total, int) else 0


async def _one(
    link: Link, survey: Survey, scan_pace: ScanPace, bounds: Bounds, told: Callable[[], None]
) -> Unavailable | None:
    """Counts one server, and looks into some of its values; returns why it could not be done."""
    if link.address.narrow:  # each question about keys of others would be refused and logged
        survey.others.tried = survey.others.closed = True
    try:
        await count(link, survey, scan_pace, bounds, told)
        survey.touched = await look_into(link, survey)
    except Unavailable as trouble:
        return trouble
    return None


def _tell(ctx: Context, surveys: Sequence[Survey], keys: int) -> None:
    ctx.tell(f"{sum(survey.sampled for survey in surveys):,} of {keys:,} keys")


def gait_for(options: Options) -> ScanPace:
    """Gently, wherever the server is: it may be somebody's on this machine as well. `--rate 0` is for no pacing."""
    if options.rate == 0:
        return HURRIED
    return GENTLE if options.census == "full" else BRIEF


def bounds_for(ctx: Context, enough: int) -> Bounds:
    """So many keys, or all (0), and in time for what was counted to be in the report."""
    now = asyncio.get_running_loop().time()
    left = min(ctx.ends - now, ctx.options.deadline_s)
    left -= min(_RESERVE_S, left / 10)
    return Bounds(enough, now + (min(left, _SAMPLE_S) if enough else left))


def _cut(full: bool, survey: Survey) -> str:  # noqa: FBT001 - said, not done
    return "the time was up before all keys were counted" if full and not survey.complete else ""


async def count(link: Link, survey: Survey, scan_pace: ScanPace, bounds: Bounds, told: Callable[[], None]) -> None:
    """Counts the keys of one server into a survey; for several, one survey each, to be merged.

    A Redis Cluster since 7.4 and Valkey since 8 keep a table for each hash slot, and SCAN goes from slot to slot:
    stopped early, it has seen few slots. Keys without hash tags are spread over slots by their ids, so that it still
    is a random sample of these; keys that share a tag come together.

    Raises:
        Unavailable: the server does not answer, or may not be asked.
    """
    async with Stream(link) as stream:
        trip_s = min([await _trip(stream) for _ in range(3)])
        survey.complete = await _Walk(stream, survey, scan_pace, bounds, told, trip_s).run()
    hidden = any(tally.closed for tally in (survey.others, *survey.tallies.values()) if tally.refused)
    if hidden and next(survey.largest(), None) is None:
        raise refusal(link.place, Refusal("NOKEY"), "PTTL")


async def _trip(stream: Stream) -> float:
    """Seconds that a question takes which costs the server nothing: those are not its work."""
    began = asyncio.get_running_loop().time()
    await stream.send(packed(("DBSIZE",)))
    await stream.take(1)
    return stream.heard_at - began


async def look_into(link: Link, survey: Survey) -> int:
    """Finds what some values of each group hold; returns how many keys' idle time that has reset."""
    touched = 0
    for tally in list(survey.largest())[:_GROUPS]:
        tally.contents.merge(await contents_of(link, tally.values))
        reading = {"string": "GETRANGE", "hash": "HSCAN"}
        touched += sum(reading.get(kind, "?") not in {"?", *link.refused} for _, kind in tally.values)
    return touched


def evidence(store: str, database: int, total: int, survey: Survey, *, touched: int = 0, cut: str = "") -> Census:
    """A survey as evidence; `total` as the servers count their keys."""
    groups = list(survey.largest())
    return Census(
        store=store,
        database=database,
        total_keys=total,
        sampled=survey.sampled,
        exact=survey.complete,
        groups=tuple(tally.group(tally.layout, survey.sampled) for tally in groups[:_GROUPS] if tally.layout),
        helper_keys=survey.helpers,
        touched=touched,
        cut=cut,
    )


def _patterns(store: Store, topology: Topology) -> tuple[str, ...]:
    """The patterns declared for the store, and for the nodes that use it."""
    nodes = (node.keys for node in topology.nodes if node.store == store.name)
    return tuple(dict.fromkeys(pattern for pattern in (store.keys, *nodes) if pattern))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Questions about keys that belong together."""

    tally: Tally
    keys: list[bytes]
    questions: Questions

    @property
    def wanted(self) -> int:
        return len(self.keys) * len(self.questions.names)


@dataclass(slots=True)
class _Walk:
    """A census of one server under way.

    Each request asks about the keys of the last SCAN and brings the next SCAN before that, whose reply therefore
    comes first: keys to ask about are at hand while the server still answers.
    """

    stream: Stream
    survey: Survey
    scan_pace: ScanPace
    bounds: Bounds
    told: Callable[[], None]
    trip_s: float = 0.0
    seen: set[bytes] = field(default_factory=set)
    under_way: list[_Batch] = field(default_factory=list)
    sent_at: float = 0.0
    owed_s: float = 0.0
    tell_at: float = 0.0
    steps: int = 0
    known: dict[tuple[str, ...], Questions] = field(default_factory=dict)

    async def run(self) -> bool:
        """Counts until there are enough; says whether these are all that there are."""
        await self._send(packed(("SCAN", 0, "COUNT", self.scan_pace.keys)), [])
        while True:
            cursor, keys = self._scanned(await self.stream.take(1))
            sorts = self.survey.sort(self._fresh(keys))
            await self._make_ready(sorts)
            batches = [batch for tally, some in sorts if (batch := self._batch(tally, some))]
            last = cursor == b"0" or self._is_over()
            scan = b"" if last else packed(("SCAN", cursor, "COUNT", self.scan_pace.keys))
            before, self.under_way = self.under_way, batches
            await self._send(scan, batches)
            await self._count(before)
            if last:
                await self._count(batches)
                return cursor == b"0"

    async def _send(self, scan: bytes, batches: list[_Batch]) -> None:
        self.steps += 1
        self.sent_at = asyncio.get_running_loop().time()
        await self.stream.send(scan + b"".join(batch.questions.packed(batch.keys) for batch in batches))

    def _scanned(self, replies: list[Reply]) -> tuple[bytes, list[bytes]]:
        """The cursor and the keys of a reply to SCAN."""
        match replies:
            case [[bytes() as cursor, [*keys]]] if cursor.isdigit() and all(isinstance(key, bytes) for key in keys):
                return cursor, keys
            case [Refusal() as no]:
                raise refusal(self.stream.link.place, no, "SCAN")
        raise not_redis(self.stream.link.place)

    def _fresh(self, keys: list[bytes]) -> list[bytes]:
        """Keys without repetitions: in a sample those of all replies, in a full census those of this one."""
        fresh = list(dict.fromkeys(keys))
        if self.bounds.enough:
            fresh = [key for key in fresh if key not in self.seen]
            self.seen.update(fresh)
        return fresh

    def _is_over(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now > self.tell_at:
            self.tell_at = now + _TELL_EVERY_S
            self.told()
        enough = self.bounds.enough
        return now > self.bounds.ends or bool(enough and (self.survey.sampled >= enough or self.steps > _STEPS))

    async def _make_ready(self, sorts: list[tuple[Tally, list[bytes]]]) -> None:
        """Rests if the server is not to be hurried; asks about a single key of each group that is new."""
        new = [(tally, keys) for tally, keys in sorts if not tally.tried]
        if new or not self.scan_pace.ahead:
            before, self.under_way = self.under_way, []
            await self._count(before)
            await self._rest()
        for tally, keys in new:
            await self._try(tally, keys)

    async def _rest(self) -> None:
        """Leaves the server to others for as long as it was busy with us, or a multiple of that."""
        clock = asyncio.get_running_loop().time
        began = clock()
        worked = max(0.0, self.stream.heard_at - self.sent_at - self.trip_s)
        self.owed_s = max(0.0, self.owed_s + worked / self.scan_pace.busy - (began - self.sent_at))
        if self.owed_s > _DOZE_S:
            await asyncio.sleep(self.owed_s)
            self.owed_s -= clock() - began

    async def _try(self, tally: Tally, keys: list[bytes]) -> None:
        """Asks about the first of these keys alone: an ACL logs each refusal."""
        if tally.tried:  # the others have come to be the tally of several layouts
            return
        tally.tried = True
        link, batch = self.stream.link, self._batch(tally, [keys.pop(0)])
        assert batch
        await self.stream.send(batch.questions.packed(batch.keys))
        answers = batch.questions.answers(await self.stream.take(batch.wanted))
        for name, (reply,) in answers.items():
            if isinstance(reply, Refusal) and reply.forbids_command:
                link.refused.add(name)
        tally.refused = tally.closed = answers["PTTL"] == [Refusal("NOKEY")]
        self._add(batch, answers)

    def _batch(self, tally: Tally, keys: list[bytes]) -> _Batch | None:
        """What to ask about keys; nothing if the ACL keeps them from us."""
        if tally.closed:
            self.survey.others.keys += len(keys)
            return None
        names = tuple(name for name in (_SESSIONS if tally.layout else _OTHERS) if name not in self.stream.link.refused)
        questions = self.known.get(names) or self.known.setdefault(names, Questions(*names))
        return _Batch(tally, keys, questions) if keys else None

    async def _count(self, batches: list[_Batch]) -> None:
        for batch in batches:
            self._add(batch, batch.questions.answers(await self.stream.take(batch.wanted)))

    def _add(self, batch: _Batch, answers: dict[str, list[Reply]]) -> None:
        batch.tally.add(batch.keys, answers, self.stream.link.place)
        if batch.tally.closed:
            self.survey.others.keys += len(batch.keys)
