"""Sessions of the ladder: how one is made, and how it is read once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.experiments.sessions import Sessions
from sessiondoctor.formats.jar import RawJar, StoredCookie
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import read_state
from sessiondoctor.probes.browser.results import Answer, Setting
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.node_naming import Namer

if TYPE_CHECKING:
    from sessiondoctor.evidence.entry.visits import NamedBy
    from sessiondoctor.probes.browser.recipe import Recipe
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.probes.responses.cookie_roles import Roles

Part = Literal["session", "affinity"]
"""What a visitor is for: whether its state is there, or whether it is led to its node."""

_CERTAIN = {"marker", "affinity-cookie", "route"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """One session that was made, to be read at `age_s`.

    Attributes:
        every_s: it is also used at these intervals until then, which tells whether use renews it; 0 for never.
        written_at, made_at: unix seconds of the last request of its making, and of the response to it.
        cookies: what it was handed; secrets.
        values: what its flow extracted; secrets.
        home: the node that answered last; empty if unknown.
    """

    part: Part
    age_s: float
    every_s: float
    written_at: float
    made_at: float
    url: str
    home: str = ""
    cookies: tuple[StoredCookie, ...] = field(default=(), repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one reading.

    Attributes:
        kept: the state was there, or for affinity the visitor was led home; None: cannot be told.
        asked_at, answered_at: unix seconds.
        node: who answered at the public entry; empty if unknown.
        here: whether the state was there at the public entry, whatever its own node says.
    """

    kept: bool | None
    asked_at: float
    answered_at: float
    trouble: str = ""
    node: str = ""
    here: bool | None = None


@dataclass(slots=True)
class Visits:
    """Makes and reads visitors at the public entry, as clients that ignore what cookies say of their own end.

    Attributes:
        settings: every cookie that was set in the making.
    """

    context: Context
    settings: list[Setting] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    _answers: list[Answer] = field(default_factory=list)
    _sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        self._sessions = Sessions(self.context)

    @property
    def recipe(self) -> Recipe:
        """How sessions are made and looked at."""
        return self._sessions.recipe

    async def make(self, part: Part, age_s: float, every_s: float = 0.0) -> Visitor:
        """A new session; for affinity alone the site is only opened.

        Raises:
            Unavailable: the site did not answer, or the flow did not go through.
        """
        home = entry(self.context.topology)
        client = Client.of(self.context, home, RawJar())
        turn = await client.open()
        if turn.response is None:
            raise Unavailable(turn.trouble)
        client = client.at(home.moved_to(turn.response.url))
        if part == "session":
            turn = turn.then(await self._sessions.begin(client))
            if not turn.ok:
                raise Unavailable(f"the flow does not go through: {turn.trouble}")
        self._note(turn)
        self.values += [value for name, value in client.values.items() if name != "marker"]
        last = turn.answers[-1].response
        return Visitor(
            part,
            age_s,
            every_s,
            last.sent_at,
            last.answered_at,
            client.target.url,
            self._node(turn),
            client.jar.all(),
            dict(client.values),
        )

    async def use(self, visitor: Visitor) -> tuple[Look, Visitor]:
        """Read a session, at its own node as well where another one does not know it; and what it is from then on."""
        client = self._client(visitor)
        turn = await (client.steps(self.recipe.read) if visitor.part == "session" else client.open())
        self._note(turn)
        node = self._node(turn) if turn.response else ""
        moved = node != visitor.home if node and visitor.home else None
        now = time.time()
        asked_at = turn.answers[0].response.sent_at if turn.answers else now
        used = replace(visitor, cookies=client.jar.all())
        if visitor.part == "affinity":
            return Look(None if moved is None else not moved, asked_at, now, turn.trouble, node), used
        kept = here = self._state(turn)
        if kept is False and moved:
            kept = await self._at_home(visitor)
        return Look(kept, asked_at, now, turn.trouble if kept is None else "", node, here), used

    @property
    def answered(self) -> Iterator[tuple[Answer, str]]:
        """Every answer at the public entry, and who gave it; empty if that is not known for certain."""
        namer = self._namer()
        for answer in self._answers:
            yield answer, self._certain(*namer.name(answer))

    @property
    def roles(self) -> Roles:
        """Which cookie is the session's, and which keep clients on their nodes."""
        return roles_of(self.settings, self.context.topology)

    @property
    def names_nodes(self) -> bool:
        """Whether responses say for certain who gave them."""
        return any(node for _, node in self.answered)

    async def _at_home(self, visitor: Visitor) -> bool | None:
        """What its own node says, asked past the balancer; None where that cannot be done."""
        node = next((one for one in asked(self.context.topology) if one.name == visitor.home), None)
        if node is None:
            return None
        client = self._client(visitor).at(target(node))
        return self._state(await client.steps(self.recipe.read))

    def _state(self, turn: FlowResult) -> bool | None:
        state = read_state(self.recipe, turn).settled(works=True).state
        return None if state == "unknown" else state == "kept"

    def _client(self, visitor: Visitor) -> Client:
        home = entry(self.context.topology)
        client = Client.of(self.context, replace(home, url=visitor.url), RawJar(visitor.cookies))
        client.values = dict(visitor.values)
        return client

    def _note(self, turn: FlowResult) -> None:
        self._answers += turn.answers
        self.settings += turn.settings

    def _namer(self) -> Namer:
        return Namer(self.context.topology, self.roles, self._answers)

    def _node(self, turn: FlowResult) -> str:
        return self._certain(*self._namer().name(turn.answers[-1]))

    def _certain(self, node: str, by: NamedBy) -> str:
        """The name, unless it is a mere letter for answers that look alike."""
        declared = node in {one.name for one in self.context.topology.nodes}
        return self.context.redactor.scrub(node) if by in _CERTAIN or (by == "headers" and declared) else ""


def age_of(visitor: Visitor) -> float:
    """Seconds since it was made."""
    return time.time() - visitor.made_at
