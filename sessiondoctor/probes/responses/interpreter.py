"""From what clients recorded to evidence: requests and traces, once cookies and nodes are known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.evidence.entry.visits import Exchange, NamedBy, State, Trace
from sessiondoctor.probes.browser.recipe import Reading, Recipe, leads_to_login, read_state
from sessiondoctor.probes.browser.results import Answer, FlowResult
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import Roles, roles_of
from sessiondoctor.probes.responses.dropped_cookies import unkept
from sessiondoctor.probes.responses.node_naming import Namer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessiondoctor.probes.browser.results import StepResult
    from sessiondoctor.topology.model import Topology

Kind = tuple[str, str]
"""Method and path of a request."""


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
class _State:
    """What one visit says of the state, and why it cannot be told if so."""

    state: State
    trouble: str = ""


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
        makes: whether the steps that write went through at least once: what is refused is then declared rightly.
        steady: kinds of requests that left a session id as it was at least once: where every answer replaces it, a
            new one is no loss.
    """

    recipe: Recipe
    roles: Roles
    namer: Namer
    reader: Reader
    works: bool
    read_url: str = ""
    makes: bool = False
    steady: frozenset[Kind] = frozenset()

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
            makes=any(track.made.turn.ok for track in tracks),
            steady=steady_kinds(seen.all, roles),
        )

    def trace(self, track: ClientTrace) -> Trace:
        """The trace of one client; a making of several steps that failed is shown step by step."""
        homes = self._homes(track.made)
        pairs = zip(track.looks, self._originals(track, homes), strict=True)
        looks = (replace(self.look(record), original=original) for record, original in pairs)
        return Trace((*self._made(track.made), *looks), homes)

    def _originals(self, track: ClientTrace, homes: Collection[str]) -> Iterator[bool]:
        """For each look, whether the client came with the session that it wrote into.

        A cookie that holds the state, or an encrypted id, is another one in each answer: it must have been sealed where
        the session was made, for what another node has sealed since is that node's.
        """
        answers = track.made.turn.answers
        made = self.roles.session_in(answers[_written(track.made.turn)].held) if answers else ""
        sealed = {made}
        for record in track.looks:
            sent = self.roles.session_in(record.turn.answers[0].sent) if record.turn.answers else made
            same = self.roles.base(sent) == self.roles.base(made)
            yield same if self.roles.comparable else sent in sealed
            at_home = (one for one in record.turn.answers if self._sets(one) and self._named(record, one)[0] in homes)
            sealed |= {self.roles.session_in(one.held) for one in at_home}

    def look(self, record: TimedResult) -> Exchange:
        """One look at the state."""
        reading = read_state(self.recipe, record.turn).settled(works=self.works)
        if not self.recipe.declared and self._forgotten(record.turn.answers):
            reading = Reading("lost")
        result = record.turn.results[-1]
        deciding = result.answers[:1] if reading.state == "lost" and leads_to_login(result) else result.answers
        decisive = 0 if reading.state == "lost" else -1
        return self._exchange(record, record.turn, _State(reading.state, reading.trouble), deciding, decisive)

    def first(self, record: TimedResult) -> Exchange:
        """The making of a session."""
        turn = record.turn
        state = _State("kept" if self.recipe.declared and turn.ok else "unknown", turn.trouble)
        return self._exchange(record, turn, state, self._making(turn), 0)

    def session(self, record: TimedResult) -> str:
        """Token of the session that the client holds after a visit; empty without one."""
        answers = record.turn.answers
        return self.reader.token(self.roles, self.roles.session_in(answers[-1].held)) if answers else ""

    def handed(self, record: TimedResult) -> str:
        """Token of the session that a visit handed out; empty if none."""
        setting = self.roles.handed_out(record.turn.settings)
        return self.reader.token(self.roles, setting.cookie.value) if setting and not setting.deletes else ""

    def _making(self, turn: FlowResult) -> tuple[Answer, ...]:
        """The answers from the one that set the session's cookie to the one that took the state."""
        answers = turn.answers
        if not answers:
            return ()
        written = _written(turn)
        session = self._held(answers[written])
        setters = [n for n, answer in enumerate(answers) if self._sets(answer)]
        own = [n for n in setters if n <= written and self._held(answers[n]) == session]
        later = [n for n in setters if n > written]
        if own:
            return tuple(answer for n, answer in enumerate(answers) if own[-1] <= n <= written)
        return (answers[later[0]],) if later and not session else (answers[written],)

    def _homes(self, record: TimedResult) -> tuple[str, ...]:
        turn = record.turn
        making = self._making(turn if turn.ok or len(turn.results) == 1 else FlowResult(turn.results[:-1]))
        return self._names(record, making) or ("",)

    def _made(self, record: TimedResult) -> tuple[Exchange, ...]:
        results = record.turn.results
        if record.turn.ok or len(results) == 1:
            return (self.first(record),)
        before = (
            self._exchange(record, FlowResult((result,)), _State("unknown"), result.answers, 0)
            for result in results[:-1]
        )
        return (*before, self._last_of_making(record, results))

    def _last_of_making(self, record: TimedResult, results: tuple[StepResult, ...]) -> Exchange:
        """A step that was refused has lost what the steps before it left in the session.

        That is so if another node answered them, or if the same steps went through for another client.
        """
        last, result = FlowResult(results[-1:]), results[-1]
        before = {name for one in results[:-1] for name in self._names(record, one.answers[-1:])} - {""}
        moved = bool(set(self._names(record, result.answers[:1])) - {""} - before) and bool(before)
        refused = result.why == "expectation" or result.status in REJECTED
        lost = refused and (moved or self.makes)
        state = _State("lost") if lost else _State("unknown", last.trouble)
        return self._exchange(record, last, state, result.answers[:1], 0)

    def _exchange(
        self, record: TimedResult, turn: FlowResult, state: _State, deciding: tuple[Answer, ...], decisive: int
    ) -> Exchange:
        """One visit: `deciding` are the answers that may have decided, `decisive` says which of them is shown."""
        answers = turn.answers
        node, named_by = self._named(record, deciding[decisive]) if turn.response and deciding else ("", "")
        held = self.roles.session_in(answers[-1].held) if answers else ""
        return Exchange(
            at_s=round(record.at_s, 3),
            node=node,
            named_by=named_by,
            status=turn.status,
            session=self.reader.token(self.roles, held),
            state=state.state,
            renewed=self._replaced(answers),
            set_cookies=tuple(dict.fromkeys(setting.cookie.name for setting in turn.settings)),
            trouble=state.trouble,
            dropped=unkept(turn.settings, self.read_url),
            met=self._names(record, deciding),
            answered=self._names(record, answers),
            held=len(answers[-1].held) if answers else 0,
        )

    def _names(self, record: TimedResult, answers: Iterable[Answer]) -> tuple[str, ...]:
        return tuple(self._named(record, answer)[0] for answer in answers)

    def _named(self, record: TimedResult, answer: Answer) -> tuple[str, NamedBy]:
        """By what responses say, else by the balancer's counters: one node must not have two names."""
        if self.namer.is_silent and record.counted_at:
            return record.counted_at, "stats"
        return self.namer.name(answer)

    def _held(self, answer: Answer) -> str:
        """The id of the session that the client holds after this answer."""
        return self.roles.base(self.roles.session_in(answer.held))

    def _sets(self, answer: Answer) -> bool:
        setting = self.roles.handed_out(answer.settings)
        return setting is not None and not setting.deletes

    def _forgotten(self, answers: Iterable[Answer]) -> bool:
        """Whether an id was replaced where such requests leave one as it is."""
        return self._replaced(answer for answer in answers if _kind(answer) in self.steady)

    def _replaced(self, answers: Iterable[Answer]) -> bool:
        """Whether a client that returned a session id was handed another one."""
        return self.roles.comparable and any(_replaces(answer, self.roles) for answer in answers)


def steady_kinds(answers: Iterable[Answer], roles: Roles) -> frozenset[Kind]:
    """The kinds of requests of which one at least left a client's session id as it was."""
    return frozenset(_kind(answer) for answer in answers if _leaves_session(answer, roles))


def _written(turn: FlowResult) -> int:
    """The index of the answer that took the state: of the last step, the last that was posted, else its first."""
    last = turn.results[-1].answers if turn.results else ()
    posted = [n for n, answer in enumerate(last) if answer.method not in {"GET", "HEAD"}]
    return max(len(turn.answers) - len(last) + (posted[-1] if posted else 0), 0)


def _kind(answer: Answer) -> Kind:
    return answer.method, urlsplit(answer.response.url).path


def _replaces(answer: Answer, roles: Roles) -> bool:
    """Whether this answer hands another session id to a client that returned one."""
    sent, setting = roles.session_in(answer.sent), roles.handed_out(answer.settings)
    if not sent or setting is None or setting.deletes:
        return False
    return roles.base(sent) != roles.base(setting.cookie.value)


def _leaves_session(answer: Answer, roles: Roles) -> bool:
    """Whether a client came with a session id and still has it after this answer."""
    setting = roles.handed_out(answer.settings)
    deleted = setting is not None and setting.deletes
    usable = answer.response.status < 400
    return usable and not deleted and bool(roles.session_in(answer.sent)) and not _replaces(answer, roles)
