"""The replay matrix itself, however nodes are reached: sessions of one shown to the others and taken back."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.nodes.replay import Cell, CellState, IdFate, NodeVisit, Replay
from sessiondoctor.probes.browser.accounts import Accounts
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.cookie_names import without_address
from sessiondoctor.probes.browser.recipe import SERVER_ERROR, Reading, Recipe, read_state
from sessiondoctor.probes.browser.results import FlowResult
from sessiondoctor.probes.keys.secret_prints import signers, unverified
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import Roles, roles_of
from sessiondoctor.probes.responses.page_keys import page_keys
from sessiondoctor.probes.responses.signed_dates import signer_clock
from sessiondoctor.wire.address import below

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessiondoctor.formats.jar import Jar
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.wire.message import Response

_ALL_PAIRS = 6  # nodes up to which each is paired with each
_MOST_PAIRS = 30  # of different nodes, beyond that
_VERSIONS = re.compile(r"server|x-powered-by|x-(.*-)?(version|build|release|revision|commit)|x-aspnet(mvc)?-version")
_LONGEST_HEADER = 200


def version_headers(response: Response) -> dict[str, str]:
    """What a response says of the software that gave it, by lower-case names."""
    headers = {name.lower(): value[:_LONGEST_HEADER] for name, value in response.headers}
    return {name: value for name, value in sorted(headers.items()) if _VERSIONS.fullmatch(name)}


class Access(Protocol):
    """How clients get to one node."""

    @property
    def name(self) -> str:
        """The node's name."""

    @property
    def url(self) -> str:
        """What flow paths are added to."""

    def fresh(self) -> Client:
        """Somebody new at this node, without a session."""

    def lead(self, client: Client) -> Client:
        """The same visitor, with the session it has, at this node."""

    def astray(self, turn: FlowResult) -> str:
        """Why a turn says nothing of this node; empty if it does."""

    async def complete(self, visit: NodeVisit, made: FlowResult, roles: Roles) -> NodeVisit:
        """The visit with what only this way of asking can tell."""


def pairs_of(count: int) -> tuple[tuple[int, int], ...]:
    """Which of `count` nodes are paired with which other, as made on and read on.

    Each with each; for many nodes, rings of ever other step, so that every node is as often the one as the other.
    """
    steps = range(1, count)
    if count > _ALL_PAIRS:
        steps = steps[: max(1, _MOST_PAIRS // count)]
    return tuple((made, (made + step) % count) for step in steps for made in range(count))


@dataclass(frozen=True, slots=True)
class _Home:
    """What a node did when a session was made on it and looked at there."""

    access: Access
    roles: Roles
    visit: NodeVisit
    made: FlowResult
    tried: _Tried | None = None

    @property
    def answers(self) -> bool:
        """Whether it answered at all."""
        return not (self.visit.refused or self.visit.trouble)

    @property
    def keeps(self) -> bool:
        """Whether it knew its own session."""
        return self.tried is not None and self.tried.cell.state == "kept"


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a session: what it says of the state, what became of the id, or why it says nothing of the node."""

    status: int
    reading: Reading
    fate: IdFate
    astray: str = ""

    @property
    def trouble(self) -> str:
        """Why the state cannot be told."""
        return self.astray or self.reading.trouble

    def state(self, *, works: bool = False) -> CellState:
        """Where nobody can tell, because the node failed, the cell is in error."""
        reading = self.reading.settled(works=works)
        if self.astray:
            return "unknown"
        return "error" if reading.trouble and not reading.doubtful else reading.state


@dataclass(frozen=True, slots=True)
class _Tried:
    """One cell and the look behind it, which may be doubtful until it is known whether looking ever works."""

    cell: Cell
    look: _Look | None = None

    def settled(self, *, works: bool) -> Cell:
        """The cell in its last form."""
        state = self.look.state(works=works) if self.look else self.cell.state
        return self.cell if state == self.cell.state else replace(self.cell, state=state, trouble="", seen=(state,))


@dataclass(frozen=True, slots=True)
class Matrix:
    """One run of the matrix.

    Attributes:
        rounds: how many sessions of each node the others are shown; one more where that leaves a doubt.
    """

    context: Context
    recipe: Recipe
    reader: Reader
    rounds: int = 1

    async def replay(self, nodes: Sequence[Access]) -> Replay:
        """Each node alone, then the pairs of those that answer, then all of it with other sessions.

        Raises:
            Unavailable: the declared flow never worked, and no fault of a node was seen in that.
        """
        homes = [home for home in await asyncio.gather(*map(self._home, nodes)) if home]
        self._insist_on_a_working_flow(homes)
        alive = {home.access.name: home for home in homes if home.answers}
        wanted = [(nodes[made].name, nodes[read].name) for made, read in pairs_of(len(nodes))]
        pairs = [(alive[made], alive[read]) for made, read in wanted if made in alive and read in alive]
        tried = [home.tried for home in alive.values() if home.tried]
        tried += [one for one in await asyncio.gather(*(self._cell(*pair) for pair in pairs)) if one]
        works = any(one.cell.state == "kept" for one in tried)
        rounds = [[one.settled(works=works) for one in tried]]
        while self._is_open(rounds):
            again = (self._again(cell, alive, works=works) for cell in rounds[-1])
            rounds.append(list(await asyncio.gather(*again)))
        return Replay(
            nodes=tuple(node.name for node in nodes),
            visits=tuple(home.visit for home in homes),
            cells=tuple(rounds[-1] if self.recipe.declared else _unless_renewed(rounds[-1])),
            flow=self.recipe.declared,
            rounds=len(rounds),
        )

    def _is_open(self, rounds: Sequence[Sequence[Cell]]) -> bool:
        """Whether another session may tell more: one more, if what was lost was always lost."""
        last = rounds[-1]
        lost = any(cell.state in {"lost", "error"} for cell in last) and not any(cell.differs for cell in last)
        return len(rounds) < self.rounds + lost

    async def begin(self, client: Client, at: Access) -> FlowResult:
        """A session with state: of the client's own, or the node's logged-in one.

        Raises:
            Spent: the budget does not suffice.
        """
        return await Accounts.of(self.context).begin(client, self.recipe, at.name)

    async def _home(self, node: Access) -> _Home | None:
        """A session made on a node and looked at there; None if the budget does not suffice."""
        client = node.fresh()
        try:
            made = await self.begin(client, node)
            if made.response is None or node.astray(made):
                return _Home(node, Roles(), _silent(node, made), made)
            roles = roles_of(made.settings, self.context.topology)
            visit = await node.complete(self._visit(node, made, roles), made, roles)
            return _Home(node, roles, visit, made, await self._own_cell(node, client, made, roles))
        except Spent:
            return None

    def _visit(self, node: Access, made: FlowResult, roles: Roles) -> NodeVisit:
        assert made.response
        path = self.recipe.read[-1].path if self.recipe.read else ""
        cookies = self.reader.first_of_each(made.settings, below(node.url, path) if path else node.url, roles)
        return NodeVisit(
            node=node.name,
            status=made.status,
            headers=version_headers(made.response),
            cookies=tuple(replace(cookie, refused="", withheld="") for cookie in cookies),
            session=self._token(made, roles),
            signed_by=signers(self.context, roles, made.settings),
            unverified=unverified(self.context, roles, made.settings),
            bare_name=_bare_name(roles, node, made),
            page_keys=page_keys(made.answers),
            clock=signer_clock(node.name, made, roles.handed_out(made.settings)),
        )

    def _token(self, made: FlowResult, roles: Roles) -> str:
        """What stands for the session that was made, whatever carries it."""
        handed = next((one for one in made.settings if roles.is_session(one) and not one.deletes), None)
        return self.reader.token(roles, handed.cookie.value) if handed else ""

    async def _own_cell(self, node: Access, client: Client, made: FlowResult, roles: Roles) -> _Tried:
        if not made.ok:
            return _not_made(node, node, made)
        look = await self._look(client, node, roles, roles)
        state = look.state()
        cell = Cell(node.name, node.name, state, look.fate, state, state, look.status, look.trouble, (state,))
        return _Tried(cell, look)

    async def _cell(self, made_on: _Home, read_on: _Home) -> _Tried | None:
        """A session of one node, shown to another and taken back; None if the budget does not suffice."""
        client = made_on.access.fresh()
        try:
            made = await self.begin(client, made_on.access)
            if not made.ok or made_on.access.astray(made):
                return _not_made(made_on.access, read_on.access, made)
            return await self._shown(client, made_on, read_on)
        except Spent:
            return None

    async def _shown(self, client: Client, made_on: _Home, read_on: _Home) -> _Tried:
        original = client.jar.copy()
        guest = read_on.access.lead(client.with_jar(original.copy()))
        brought = guest.jar.copy()
        look = await self._look(guest, read_on.access, made_on.roles, read_on.roles)
        back = await self._back(client, original, made_on)
        newest = back if _same(guest.jar, brought) else await self._back(guest, guest.jar, made_on)
        state = look.state()
        names = made_on.access.name, read_on.access.name
        return _Tried(Cell(*names, state, look.fate, back, newest, look.status, look.trouble, (state,)), look)

    async def _back(self, client: Client, jar: Jar, home: _Home) -> CellState:
        """The state on the node that made the session, afterwards."""
        returned = home.access.lead(client.with_jar(jar.copy()))
        look = await self._look(returned, home.access, home.roles, home.roles)
        return look.state(works=home.keeps)

    async def _again(self, cell: Cell, alive: Mapping[str, _Home], *, works: bool) -> Cell:
        """Tried once more, with a new session."""
        if cell.state == "unknown":
            return cell
        made_on, read_on = alive[cell.created_on], alive[cell.read_on]
        client = made_on.access.fresh()
        try:
            made = await self.begin(client, made_on.access)
            if made_on.access.astray(made):
                return cell
            if not made.ok:
                return replace(cell, seen=(*cell.seen, "error"))
            guest = read_on.access.lead(client)
            look = await self._look(guest, read_on.access, made_on.roles, read_on.roles)
        except Spent:
            return cell
        return cell if look.astray else _merged(cell, look.state(works=works))

    async def _look(self, client: Client, at: Access, made: Roles, read: Roles) -> _Look:
        """The state, and what becomes of the session id that the client comes with."""
        before = client.jar.copy()
        looked = await client.steps(self.recipe.read)
        reading, fate = read_state(self.recipe, looked), id_fate(looked, before, made, read)
        renewed = not self.recipe.declared and fate == "renewed"
        return _Look(looked.status, Reading("lost") if renewed else reading, fate, at.astray(looked))

    def _insist_on_a_working_flow(self, homes: Iterable[_Home]) -> None:
        """Without one successful write nothing can be said about state; a server's own error is a finding, though."""
        made = [home.made for home in homes if home.answers]
        if not self.recipe.write or not made or any(turn.ok or turn.status >= SERVER_ERROR for turn in made):
            return
        hint = "correct site.flow, or add what nodes expect of a proxy: nodes[].headers: {Host: ...}"
        raise Unavailable(f"site.flow does not work on any node: {made[0].trouble}", hint=hint)


def _silent(node: Access, made: FlowResult) -> NodeVisit:
    astray = node.astray(made)
    refused = made.refused and not astray
    return NodeVisit(node.name, refused=refused, trouble="" if refused else astray or made.trouble)


def _not_made(made_on: Access, read_on: Access, made: FlowResult) -> _Tried:
    """No session could be made: an error, unless the declaration may be to blame, or another node answered."""
    astray = made_on.astray(made)
    failed = not astray and (made.response is None or made.status >= SERVER_ERROR)
    state: CellState = "error" if failed else "unknown"
    trouble = astray or made.trouble
    return _Tried(Cell(made_on.name, read_on.name, state, status=made.status, trouble=trouble, seen=(state,)))


def _unless_renewed(cells: Sequence[Cell]) -> Sequence[Cell]:
    """The cells, but for what a new id says where no flow is declared and every node renews its own at once.

    Some login pages make a new session each time that they are opened: that is how they are, and no loss.
    """
    own = [cell for cell in cells if cell.created_on == cell.read_on]
    if not own or any(cell.id_fate != "renewed" for cell in own):
        return cells
    trouble = "every node makes a new session at each request; declare site.flow"
    return [replace(c, state="unknown", trouble=trouble) if c.state == "lost" else c for c in cells]


def _merged(cell: Cell, next_: CellState) -> Cell:
    """The cell after another round: a loss that was seen once is a loss; an error may have been a hiccup."""
    state = next_ if cell.state == "error" or next_ == "lost" else cell.state
    trouble = "" if state in {"kept", "lost"} else cell.trouble
    return replace(cell, state=state, trouble=trouble, seen=(*cell.seen, next_))


def _bare_name(roles: Roles, node: Access, made: FlowResult) -> str:
    """The session cookie's name without what comes from the address that the node was asked at."""
    paths = {one.cookie.path for one in made.settings if one.cookie.path}
    return without_address(roles.session, node.fresh().target.believed, paths)


def _same(one: Jar, other: Jar) -> bool:
    """Whether two jars send the same."""
    return {cookie.pair for cookie in one.all()} == {cookie.pair for cookie in other.all()}


def id_fate(looked: FlowResult, before: Jar, made: Roles, read: Roles) -> IdFate:
    """What became of the session id that a client came with, by the roles of cookies where it was made and read."""
    made = made if made.session_in(before.all()) else read  # the cookie may have the name it has there
    sent = made.session_in(before.all())
    if looked.response is None or not sent:
        return "unknown"
    setting = made.handed_out(looked.settings)
    if setting is None:
        elsewhere = read.session != made.session and read.handed_out(looked.settings)
        return "renewed" if elsewhere else "same"
    if setting.deletes:
        return "dropped"
    if setting.cookie.value == sent:
        return "same"
    if not made.comparable:
        return "unknown"
    return "rewritten" if made.base(setting.cookie.value) == made.base(sent) else "renewed"
