"""The clients of a drill: sessions of the node that is taken out, and some of the others."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.entry.visits import State
from sessiondoctor.evidence.experiments.drill import By, DrilledSession, DrillStage
from sessiondoctor.experiments.sessions import Sessions
from sessiondoctor.formats.jar import Jar
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import SERVER_ERROR, read_state
from sessiondoctor.probes.browser.results import Answer
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.node_naming import Namer

if TYPE_CHECKING:
    from sessiondoctor.probes.browser.results import FlowResult

OTHERS: Final = 4
"""Sessions of the other nodes, together: do they notice anything?"""
FEWEST: Final = 2
"""Sessions of the node without which nothing can be told."""
_CERTAIN = {"marker", "affinity-cookie", "route"}
_NO_ANSWER = "no answer"


@dataclass(slots=True)
class Member:
    """One client with a session; `home` made it."""

    client: Client = field(repr=False)
    home: str


@dataclass(frozen=True, slots=True)
class SessionRead:
    """What one look found; `at`: unix seconds of the answer, `error`: a status or `no answer`, empty if all is well."""

    state: State
    node: str
    at: float
    requests: int
    error: str = ""


@dataclass(slots=True)
class Crowd:
    """Clients of one node's drill; `wanted` sessions of the node are made."""

    context: Context
    node: str
    wanted: int
    members: list[Member] = field(default_factory=list)
    _answers: list[Answer] = field(default_factory=list, repr=False)
    _namer: Namer | None = None

    @property
    def most(self) -> int:
        """How many sessions are made at most: a balancer that chooses at random may send few of them to the node."""
        return most_sessions(len(self.context.topology.nodes), self.wanted)

    async def assemble(self) -> None:
        """Make the sessions.

        Raises:
            Unavailable: they cannot be made, or it cannot be told which nodes made them.
        """
        sessions = Sessions(self.context)
        if not sessions.recipe.declared:
            raise Unavailable("no flow is declared", hint="declare site.flow: write and read, or login and logged_in")
        homes: Counter[str] = Counter()
        for _ in range(self.most):
            member = await self._newcomer(sessions)
            room = self.wanted - homes[self.node] if member.home == self.node else OTHERS - _others(homes, self.node)
            if member.home and room > 0:
                homes[member.home] += 1
                self.members.append(member)
            if homes[self.node] >= self.wanted and _others(homes, self.node) >= min(OTHERS, self.wanted):
                break
        self._insist(homes)

    async def look(self) -> tuple[SessionRead, ...]:
        """All sessions, once."""
        return tuple(await asyncio.gather(*map(self._look, self.members)))

    async def reaches(self, seconds: float) -> bool:
        """Whether the balancer leads new clients to the node, of many within these seconds."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            turn = await Client.of(self.context, entry(self.context.topology), Jar()).open()
            if self._node(turn) == self.node:
                return True
            await asyncio.sleep(0.1)
        return False

    async def _newcomer(self, sessions: Sessions) -> Member:
        home = entry(self.context.topology)
        client = Client.of(self.context, home, Jar())
        turn = await client.open()
        if turn.response is None:
            raise Unavailable(turn.trouble)
        client = client.at(home.moved_to(turn.response.url))
        turn = turn.then(await sessions.begin(client))
        if not turn.ok:
            reason = f"the flow does not go through: {turn.trouble}"
            raise Unavailable(reason, hint="try `sessiondoctor scan --rehearse`")
        self._answers += turn.answers
        settings = (setting for answer in self._answers for setting in answer.settings)
        self._namer = Namer(self.context.topology, roles_of(settings, self.context.topology), self._answers)
        return Member(client, self._node(turn))

    def _insist(self, homes: Counter[str]) -> None:
        if not homes:
            hint = "declare site.flow.node: a header, a cookie, or a pattern that names the node in a response"
            raise Unavailable("no response says for certain which node gave it", hint=hint)
        if homes[self.node] < FEWEST:
            met = ", ".join(f"{name} {count}" for name, count in sorted(homes.items()))
            raise Unavailable(f"of {self.most} new sessions {homes[self.node]} came to {self.node} ({met})")

    async def _look(self, member: Member) -> SessionRead:
        recipe = Sessions(self.context).recipe
        turn = await member.client.steps(recipe.read)
        status = turn.status
        error = _NO_ANSWER if turn.response is None else str(status) if status >= SERVER_ERROR else ""
        state = read_state(recipe, turn).settled(works=True).state
        return SessionRead(state, "" if error else self._node(turn), time.time(), max(1, len(turn.answers)), error)

    def _node(self, turn: FlowResult) -> str:
        if turn.response is None or self._namer is None:
            return ""
        node, by = self._namer.name(turn.answers[-1])
        return node if by in _CERTAIN else ""


@dataclass(slots=True)
class StageCount:
    """Looks of one stage, summed up; `since`: unix seconds of what was done to the node."""

    by: By | Literal[""]
    since: float
    sessions: list[DrilledSession]
    requests: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def note(self, looks: tuple[SessionRead, ...]) -> None:
        """One more round."""
        self.sessions = [_seen(one, look, self.since) for one, look in zip(self.sessions, looks, strict=True)]
        self.requests += sum(look.requests for look in looks)
        self.errors.update(look.error for look in looks if look.error)

    def stage(self) -> DrillStage:
        """What came of it."""
        seconds = round(time.time() - self.since, 2)
        return DrillStage(self.by, tuple(self.sessions), self.requests, dict(self.errors), seconds=seconds)


def most_sessions(nodes: int, wanted: int) -> int:
    """How many sessions one node's drill makes at most."""
    return 2 * nodes * wanted


def _others(homes: Counter[str], node: str) -> int:
    return homes.total() - homes[node]


def _seen(session: DrilledSession, look: SessionRead, since: float) -> DrilledSession:
    """A look that tells nothing leaves what is known; what was lost once was lost."""
    moved_s = session.moved_s
    if moved_s is None and look.node and look.node != session.home:
        moved_s = round(max(0.0, look.at - since), 2)
    tells = look.state != "unknown" and session.state != "lost"
    state = look.state if tells else session.state
    return replace(session, state=state, node=look.node or session.node, moved_s=moved_s)
