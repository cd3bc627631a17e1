"""Running planned probes: concurrently, each within its time, all within one deadline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Context, Options
from sessiondoctor.errors import Unavailable, Undeclared, Unreachable
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.pipeline.collect import collect
from sessiondoctor.pipeline.plan import Plan
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import bare
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.virtual_time import now, run_at_once

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LATE_S = 0.1  # of virtual time


class Apples:
    """One kind of evidence."""


class Pears:
    """Another."""


class Plums:
    """A third."""


class Notes:
    """Progress that keeps what it is told, and the most that ran at once."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.said: list[str] = []
        self.most = 0

    def started(self, probe: Probe) -> None:
        """A probe begins."""
        self.begun.append(probe.subject)
        self.most = max(self.most, len(self.begun) - len(self.ended))

    def noted(self, probe: Probe, text: str) -> None:
        """A probe says how far it has come."""
        self.said.append(f"{probe.subject}: {text}")

    def finished(self, probe: Probe) -> None:
        """A probe has ended."""
        self.ended.append(probe.subject)


async def nothing_yet(_kind: type) -> Any:
    """`need` before the scan begins."""
    raise AssertionError


def context(deadline_s: float = 5.0) -> Context:
    """What probes are given here; nothing is sent."""
    wire = Wire(limits=Limits(), pace=Pace())
    return Context(bare("https://shop.test/"), Options(deadline_s=deadline_s), wire, Redactor(), nothing_yet)


def probe(
    ask: Callable[[Context], Awaitable[Any]], kind: type = Apples, subject: str = "site", **changes: Any
) -> Probe:
    """A probe that asks by this function."""
    settings: dict[str, Any] = {"contacts": {}, "describe": subject} | changes
    return Probe(evidence=kind, subject=subject, ask=ask, **settings)


def answers(value: Any, after_s: float = 0.0) -> Callable[[Context], Awaitable[Any]]:
    """Asks for a while and gets this value."""

    async def ask(_context: Context) -> Any:
        await asyncio.sleep(after_s)
        return value

    return ask


def fails(error: BaseException) -> Callable[[Context], Awaitable[Any]]:
    """Asks and raises."""

    async def ask(_context: Context) -> Any:
        raise error

    return ask


def gather(*entries: Probe | Absent, deadline_s: float = 5.0, notes: Notes | None = None) -> Gathered:
    """Runs these probes."""
    plan = Plan(
        tuple(entry for entry in entries if isinstance(entry, Probe)),
        tuple(entry for entry in entries if isinstance(entry, Absent)),
    )
    return run_at_once(collect(plan, context(deadline_s), notes or Notes()))


async def seconds(plan: Plan, deadline_s: float = 5.0, interrupt_s: float | None = None) -> tuple[Gathered, float]:
    """What was gathered, and how long that took; interrupted after so many seconds."""
    began = now()
    task = asyncio.create_task(collect(plan, context(deadline_s), Notes()))
    if interrupt_s is not None:
        await asyncio.sleep(interrupt_s)
        task.cancel()
    return await task, now() - began


def one(entry: Probe, *others: Probe) -> Piece:
    """The first probe's piece."""
    return gather(entry, *others).pieces[0]


def test_evidence_comes_in_the_order_of_the_plan() -> None:
    """However long each takes."""
    gathered = gather(probe(answers("slow", 0.05)), probe(answers("quick"), Pears))
    assert gathered.pieces == (Piece(Apples, "site", "slow"), Piece(Pears, "site", "quick"))
    assert (gathered.interrupted, gathered.cut) == (False, False)


def test_nothing_to_ask_is_no_scan_cut_short() -> None:
    """An empty plan ends at once."""
    assert gather() == Gathered(())


def test_probes_run_at_the_same_time() -> None:
    """Four waits take as long as one."""
    notes = Notes()
    gather(*(probe(answers(n, 0.1), subject=str(n)) for n in range(4)), notes=notes)
    _, took_s = run_at_once(seconds(Plan(tuple(probe(answers(n, 0.1)) for n in range(4)), ())))
    assert took_s == pytest.approx(0.1)
    assert notes.most == 4


def test_what_is_not_declared_is_absent() -> None:
    """With reason and hint."""
    gathered = gather(Absent(Pears, "site", "no pears", "add pears"))
    assert gathered.pieces == (Piece(Pears, "site", absent="no pears", hint="add pears"),)
    assert not gathered.cut


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unavailable("no right to look", hint="allow it"), "no right to look"),
        (Unreachable("refused", trouble="refused", hint="allow it"), "refused"),
        (Unavailable("", hint="allow it"), "the probe gave no reason"),
    ],
)
def test_unavailable_is_kept_with_its_hint(error: Unavailable, reason: str) -> None:
    """It becomes `inconclusive` later; without a reason it would look as if nothing were missing."""
    piece = one(probe(fails(error)))
    assert (piece.value, piece.unavailable, piece.hint) == (None, reason, "allow it")


def test_what_more_must_be_declared_for_is_absent() -> None:
    """A probe that finds out only by asking that it cannot look is no failure to look at what is declared."""
    (piece,) = gather(probe(fails(Undeclared("nothing to go by", hint="declare it")))).pieces
    assert (piece.absent, piece.unavailable, piece.hint) == ("nothing to go by", "", "declare it")


def test_a_probe_that_returns_nothing_has_crashed() -> None:
    """None is what missing evidence looks like; it must not pass for a quiet answer."""
    assert "TypeError" in one(probe(answers(None))).crash


def test_a_probe_that_takes_too_long_is_unavailable() -> None:
    """After its own time, not the scan's."""
    piece = one(probe(answers("late", 5), timeout_s=0.05))
    assert piece.unavailable == "no answer within 0.05 s"


def test_what_was_spent_before_counts_towards_the_deadline() -> None:
    """The deadline is that of the whole run: of 10 s, of which 8 are gone, 2 are left."""
    slow = probe(answers("late", 5))
    run = collect(Plan((slow,), ()), context(10.0), Notes(), spent_s=8.0)
    (piece,) = run_at_once(run).pieces
    assert piece.skipped == "the deadline of 10 s cut the scan short"
    run = collect(Plan((slow,), ()), context(10.0), Notes(), spent_s=2.0)
    assert run_at_once(run).pieces[0].value == "late"


def test_a_probe_that_crashes_is_kept_with_its_trace() -> None:
    """And the others go on. The message stays out: it may quote a secret."""
    crashed, fine = gather(probe(fails(KeyError("bug"))), probe(answers(1), Pears)).pieces
    assert "KeyError" in crashed.crash
    assert "'bug'" not in crashed.crash
    assert crashed.unavailable == ""
    assert fine.value == 1


def test_evidence_that_builds_on_other_evidence_waits_for_it() -> None:
    """In whatever order they are planned, and nothing is asked twice."""
    asked: list[str] = []

    async def pears(ctx: Context) -> str:
        asked.append("pears")
        return f"{await ctx.need(Apples)} and pears"

    async def apples(_context: Context) -> str:
        await asyncio.sleep(0.02)
        asked.append("apples")
        return "apples"

    first, second, _ = gather(
        probe(pears, Pears, needs=(Apples,)), probe(pears, Plums, needs=(Apples,)), probe(apples)
    ).pieces
    assert (first.value, second.value) == ("apples and pears", "apples and pears")
    assert asked == ["apples", "pears", "pears"]


def test_the_first_piece_that_is_there_serves() -> None:
    """One of two stores may be away."""

    async def pears(ctx: Context) -> Any:
        return await ctx.need(Apples)

    away, here = probe(fails(Unavailable("away")), subject="a"), probe(answers("here"), subject="b")
    assert one(probe(pears, Pears, needs=(Apples,)), away, here).value == "here"


@pytest.mark.parametrize(
    ("found", "reason", "hint"),
    [
        (probe(fails(Unavailable("no apples", hint="plant some"))), "no apples", "plant some"),
        (probe(fails(ZeroDivisionError())), "the probe for Apples failed", ""),
        (probe(answers(0, 5), timeout_s=0.05), "no answer within 0.05 s", ""),
        (Absent(Apples, "site", "no trees", "declare trees"), "no trees", "declare trees"),
        (probe(answers(1), Plums), "Apples was not collected", ""),
    ],
)
def test_what_is_built_on_missing_evidence_is_unavailable(found: Probe | Absent, reason: str, hint: str) -> None:
    """Without being asked, and for the reason of what is missing."""
    notes = Notes()
    piece = gather(probe(fails(AssertionError()), Pears, "pears", needs=(Apples,)), found, notes=notes).pieces[0]
    assert (piece.unavailable, piece.hint) == (reason, hint)
    assert "pears" not in notes.begun


def test_a_probe_that_holds_a_target_has_it_alone() -> None:
    """Whoever else contacts it waits, others do not."""
    notes = Notes()
    alone = probe(answers(1, 0.05), subject="alone", holds="a:1", contacts={"a:1": 9})
    also = probe(answers(1, 0.05), Pears, "also", contacts={"a:1": 1, "b:1": 1})
    apart = probe(answers(1, 0.05), Plums, "apart", contacts={"b:1": 1, "c:1": 1})
    gather(alone, also, apart, notes=notes)
    assert notes.begun == ["alone", "apart", "also"]
    assert notes.ended.index("alone") < notes.begun.index("also")


def test_two_that_hold_the_same_targets_do_not_block_each_other() -> None:
    """Crosswise as well: locks are taken in one order."""
    first = probe(answers(1, 0.02), holds="a:1", contacts={"a:1": 1, "b:1": 1})
    second = probe(answers(2, 0.02), Pears, holds="b:1", contacts={"b:1": 1, "a:1": 1})
    assert [piece.value for piece in gather(first, second, deadline_s=1).pieces] == [1, 2]


def test_waiting_for_a_target_does_not_count_as_answering() -> None:
    """The time of a probe begins when it is its turn."""
    first = probe(answers(1, 0.1), holds="a:1", timeout_s=0.15)
    second = probe(answers(2, 0.1), Pears, holds="a:1", timeout_s=0.15)
    assert [piece.value for piece in gather(first, second).pieces] == [1, 2]


def test_turns_come_one_after_the_other() -> None:
    """Whatever came of the earlier ones, and however long each takes."""
    began: dict[str, float] = {}

    def at(name: str, after_s: float) -> Callable[[Context], Awaitable[Any]]:
        async def ask(context: Context) -> Any:
            began[name] = now()
            return await answers(name, after_s)(context)

        return ask

    last = probe(at("last", 0), Plums, "last", turn=2)
    middle = probe(at("middle", 1.0), Pears, "middle", turn=1)
    first = probe(at("first", 2.0), Apples, "first")
    broken = probe(fails(AssertionError()), Apples, "broken")
    found, _ = run_at_once(seconds(Plan((last, middle, first, broken), ())))
    assert [piece.value for piece in found.pieces] == ["last", "middle", "first", None]
    assert began["middle"] - began["first"] == pytest.approx(2.0)
    assert began["last"] - began["middle"] == pytest.approx(1.0)


def test_a_held_target_is_free_again_after_a_crash() -> None:
    """The next one gets its turn."""
    first = probe(fails(ZeroDivisionError()), holds="a:1")
    second = probe(answers(2), Pears, holds="a:1")
    assert gather(first, second).pieces[1].value == 2


def test_the_deadline_ends_the_scan_with_what_is_there() -> None:
    """What was not seen is skipped, and says why; the report is marked incomplete."""
    plan = Plan((probe(answers("seen")), probe(answers("late", 5), Pears)), ())
    gathered, took_s = run_at_once(seconds(plan, 0.1))
    assert took_s <= 0.1 + LATE_S
    assert gathered.pieces[0].value == "seen"
    assert gathered.pieces[1].skipped == "the deadline of 0.1 s cut the scan short"
    assert (gathered.cut, gathered.interrupted) == (True, False)


async def clings(_context: Context) -> Any:
    """A probe that takes its time to end."""
    try:
        await asyncio.sleep(5)
    finally:
        await asyncio.sleep(0.4)


def test_a_probe_that_clings_does_not_delay_the_report() -> None:
    """It is left behind."""
    gathered, took_s = run_at_once(seconds(Plan((probe(clings),), ()), 0.1))
    assert gathered.pieces[0].skipped
    assert took_s <= 0.1 + LATE_S


def test_a_crash_on_the_way_out_is_still_skipped() -> None:
    """The deadline is the reason, not the crash that it provoked."""

    async def stumbles(_context: Context) -> Any:
        try:
            await asyncio.sleep(5)
        finally:
            raise RuntimeError("cannot close")

    gathered = gather(probe(stumbles), deadline_s=0.05)
    assert gathered.pieces[0].skipped
    assert gathered.cut


def test_a_probe_that_cancels_itself_gives_no_evidence() -> None:
    """And does not end the scan."""
    cancelled, fine = gather(probe(fails(asyncio.CancelledError())), probe(answers(1), Pears)).pieces
    assert cancelled.skipped
    assert fine.value == 1


def test_those_who_wait_for_a_turn_are_skipped_too() -> None:
    """The deadline counts for all."""
    holder = probe(answers(1, 5), holds="a:1")
    waiter = probe(answers(1), Pears, "waiter", holds="a:1")
    needy = probe(answers(1), Plums, needs=(Apples,))
    assert all(piece.skipped for piece in gather(holder, waiter, needy, deadline_s=0.05).pieces)


def test_an_interrupt_keeps_what_was_seen() -> None:
    """Ctrl-C cancels the main task; the caller gets evidence, not the cancellation."""
    plan = Plan((probe(answers("seen")), probe(answers("late", 5), Pears)), ())
    gathered, took_s = run_at_once(seconds(plan, interrupt_s=0.05))
    assert took_s <= 0.05 + LATE_S
    assert [(piece.value, piece.skipped) for piece in gathered.pieces] == [("seen", ""), (None, "interrupted")]
    assert (gathered.interrupted, gathered.cut) == (True, False)


def test_an_interrupt_before_the_first_probe_is_one_too() -> None:
    """Everything is skipped; that the user interrupted is not lost."""

    async def interrupted() -> Gathered:
        task = asyncio.create_task(collect(Plan((probe(answers("late", 5)),), ()), context(), Notes()))
        await asyncio.sleep(0)
        task.cancel()
        return await task

    assert asyncio.run(interrupted()).interrupted


def test_a_probe_knows_when_the_scan_ends_and_may_say_how_far_it_is() -> None:
    """So that it hands over what it has in time."""

    async def ask(ctx: Context) -> float:
        ctx.tell("half")
        return ctx.ends - asyncio.get_running_loop().time()

    notes = Notes()
    (piece,) = gather(probe(ask, subject="store"), deadline_s=5.0, notes=notes).pieces
    assert 4 < piece.value <= 5
    assert notes.said == ["store: half"]


def test_progress_hears_of_every_probe() -> None:
    """Of its end as well, whatever came of it."""
    notes = Notes()
    gather(probe(answers(1), subject="a"), probe(fails(Unavailable("no")), subject="b"), notes=notes)
    assert sorted(notes.begun) == sorted(notes.ended) == ["a", "b"]
