"""From what clients recorded to evidence: requests and traces, once cookies and nodes are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.evidence.entry.visits import Exchange, NamedBy, State, Trace
from sessiondoctor.probes.browser.client import Answer, FlowResult
from sessiondoctor.probes.browser.recipe import Reading, Recipe, read_state
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import Roles, roles_of
from sessiondoctor.probes.responses.dropped_cookies import unkept
from sessiondoctor.probes.responses.node_naming import Namer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.probes.browser.client import StepResult
    from sessiondoctor.topology.model import Topology

REJECTED = frozenset({400, 401, 403, 419, 422, 440})
"""Answers to a request that lacks its session: a CSRF token without its secret is refused with these."""


@dataclass(frozen=True, slots=True)
class TimedResult:
    """One visit of one client: when it began, in seconds since the first of all, and what came of it.

    Attributes:
        counted_at: the node that the balancer's counters name; empty if they were not asked or do not tell.
    """

    at_s: float
    turn: FlowResult
    counted_at: str = ""


@dataclass(frozen=True, slots=True)
class ClientTrace:
    """The visits of one client in order: it made its session, then looked at it."""

    made: TimedResult
    looks: tuple[TimedResult, ...] = ()

    @property
    def records(self) -> tuple[TimedResult, ...]:
        """All visits in order."""
        return (self.made, *self.looks)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All responses in order."""
        return tuple(answer for record in self.records for answer in record.turn.answers)


@dataclass(frozen=True, slots=True)
class Answers:
    """Responses in order: to clients that send back what a browser does, and to all."""

    browsing: tuple[Answer, ...]
    all: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Turns records into requests.

    Attributes:
        works: whether looking showed the state at least once in this scan.
        read_url: where the state is looked at; empty if cookies need not be sent there.
    """

    recipe: Recipe
    roles: Roles
    namer: Namer
    reader: Reader
    works: bool
    read_url: str = ""

    @classmethod
    def of(
        cls, recipe: Recipe, reader: Reader, topology: Topology, tracks: Sequence[ClientTrace], seen: Answers
    ) -> Interpreter:
        """For the tracks and answers that were recorded until now."""
        roles = roles_of((setting for answer in seen.browsing for setting in answer.settings), topology)
        looks = (record for track in tracks for record in track.looks)
        return cls(
            recipe=recipe,
            roles=roles,
            namer=Namer(topology, roles, seen.all),
            reader=reader,
            works=any(read_state(recipe, look.turn).state == "kept" for look in looks),
        )

    def trace(self, track: ClientTrace) -> Trace:
        """The trace of one client; a making of several steps that failed is shown step by step."""
        looks = tuple(self.look(record) for record in track.looks)
        return Trace((*self._made(track.made), *looks))

    def look(self, record: TimedResult) -> Exchange:
        """One look at the state."""
        reading = read_state(self.recipe, record.turn).settled(works=self.works)
        if not self.recipe.declared and self._replaced(record.turn.answers):
            reading = Reading("lost")
        return self._hop(record, record.turn, reading.state, reading.trouble)

    def first(self, record: TimedResult) -> Exchange:
        """The making of a session."""
        written = self.recipe.declared and record.turn.ok
        return self._hop(record, record.turn, "kept" if written else "unknown", record.turn.trouble)

    def session(self, record: TimedResult) -> str:
        """Token of the session that the client holds after a visit; empty without one."""
        answers = record.turn.answers
        return self.reader.token(self.roles, self.roles.session_in(answers[-1].held)) if answers else ""

    def handed(self, record: TimedResult) -> str:
        """Token of the session that a visit handed out; empty if none."""
        setting = self.roles.handed_out(record.turn.settings)
        return self.reader.token(self.roles, setting.cookie.value) if setting and not setting.deletes else ""

    def _made(self, record: TimedResult) -> tuple[Exchange, ...]:
        results = record.turn.results
        if record.turn.ok or len(results) == 1:
            return (self.first(record),)
        last = self._last_of_making(record, results)
        return (*(self._hop(record, FlowResult((result,)), "unknown", "") for result in results[:-1]), last)

    def _last_of_making(self, record: TimedResult, results: tuple[StepResult, ...]) -> Exchange:
        """A step that was refused on another node than the steps before it has lost what they left in the session."""
        last, before = FlowResult(results[-1:]), [self._node(result) for result in results[:-1]]
        node = self._node(results[-1])
        moved = node != "" and any(other not in {"", node} for other in before)
        refused = results[-1].why == "expectation" or results[-1].status in REJECTED
        state: State = "lost" if moved and refused else "unknown"
        return self._hop(record, last, state, "" if state == "lost" else last.trouble)

    def _node(self, result: StepResult) -> str:
        return self.namer.name(result.answers[-1])[0] if result.answers else ""

    def _hop(self, record: TimedResult, turn: FlowResult, state: State, trouble: str) -> Exchange:
        answers = turn.answers
        node, named_by = self._named(record, answers[-1]) if turn.response else ("", "")
        held = self.roles.session_in(answers[-1].held) if answers else ""
        return Exchange(
            at_s=round(record.at_s, 3),
            node=node,
            named_by=named_by,
            status=turn.status,
            session=self.reader.token(self.roles, held),
            state=state,
            renewed=self._replaced(answers),
            set_cookies=tuple(dict.fromkeys(setting.cookie.name for setting in turn.settings)),
            trouble=trouble,
            dropped=unkept(turn.settings, self.read_url),
        )

    def _named(self, record: TimedResult, answer: Answer) -> tuple[str, NamedBy]:
        """By what responses say, else by the balancer's counters: one node must not have two names."""
        if self.namer.is_silent and record.counted_at:
            return record.counted_at, "stats"
        return self.namer.name(answer)

    def _replaced(self, answers: Iterable[Answer]) -> bool:
        """Whether a client that returned a session id was handed another one."""
        return self.roles.comparable and any(map(self._replaces, answers))

    def _replaces(self, answer: Answer) -> bool:
        sent, setting = self.roles.session_in(answer.sent), self.roles.handed_out(answer.settings)
        if not sent or setting is None or setting.deletes:
            return False
        return self.roles.base(sent) != self.roles.base(setting.cookie.value)
