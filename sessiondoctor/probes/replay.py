"""The replay matrix: nodes asked directly, sessions of one shown to the others and taken back."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.replay import Cell, CellState, IdFate, NodeVisit, Replay
from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.probes.client import Budget, Client, Spent, Target, Turn
from sessiondoctor.probes.contract import Absent, Context, Options, Probe
from sessiondoctor.probes.recipe import SERVER_ERROR, Reading, Recipe, read_state, recipe_of
from sessiondoctor.probes.recognise import Roles, roles_of
from sessiondoctor.probes.seen import Reader
from sessiondoctor.topology.model import Node
from sessiondoctor.wire.address import below
from sessiondoctor.wire.client import Trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.topology.model import Step, Topology

_ALL_PAIRS = 6  # nodes up to which each is paired with each
_MOST_PAIRS = 30  # of different nodes, beyond that
_REDIRECTED = 2  # each visit may be redirected once; the budget bounds them all together
_SECONDS = 60.0
_FEWEST_SECONDS = 5.0
_PROTO = "X-Forwarded-Proto"
_VERSIONS = re.compile(r"server|x-powered-by|x-(.*-)?(version|build|release|revision|commit)|x-aspnet(mvc)?-version")
_LONGEST_HEADER = 200
_Names = tuple[str, ...]


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe over the nodes of the largest service."""
    nodes = asked(topology)
    if not nodes:
        hint = "add nodes with url, so that each can be asked directly"
        yield Absent(Replay, "site", "no node can be asked directly", hint)
        return
    yield Probe(
        evidence=Replay,
        subject="site",
        describe=f"a session of each of {len(nodes)} nodes shown to the others",
        contacts=bounds_of(topology),
        ask=_ask,
        timeout_s=_seconds(options) + 2 * options.timeout_s,
    )


def asked(topology: Topology) -> tuple[Node, ...]:
    """The nodes of the service that most nodes belong to, those with a url."""
    nodes = [node for node in topology.nodes if node.url]
    services = [node.service for node in nodes]
    largest = max(dict.fromkeys(services), key=services.count, default="")
    return tuple(node for node in nodes if node.service == largest)


def target(node: Node) -> Target:
    """A node as a target."""
    return Target(node.url, tuple(node.headers.items()), Trust(ca=node.ca) if node.ca else Trust())


def pairs_of(count: int) -> tuple[tuple[int, int], ...]:
    """Which of `count` nodes are paired with which other, as made on and read on.

    Each with each; for many nodes, rings of ever other step, so that every node is as often the one as the other.
    """
    steps = range(1, count)
    if count > _ALL_PAIRS:
        steps = steps[: max(1, _MOST_PAIRS // count)]
    return tuple((made, (made + step) % count) for step in steps for made in range(count))


def bounds_of(topology: Topology) -> Mapping[str, int]:
    """host:port -> the most requests, redirects included."""
    recipe, nodes = recipe_of(topology.site.flow), asked(topology)
    make, look = recipe.make_requests, recipe.look_requests
    total: Counter[str] = Counter()
    for node in nodes:
        total[target(node).authority] += 2 * (make + look) + make  # itself, perhaps again, and as https
    for made, read in pairs_of(len(nodes)):
        total[target(nodes[made]).authority] += 2 * make + 2 * look
        total[target(nodes[read]).authority] += 2 * look
    return {authority: _REDIRECTED * count for authority, count in total.items()}


def _seconds(options: Options) -> float:
    return max(_FEWEST_SECONDS, min(_SECONDS, options.deadline_s - 3 * options.timeout_s))


async def _ask(context: Context) -> Replay:
    bounds, seconds = bounds_of(context.topology), _seconds(context.options)
    budgets = {authority: Budget(count, seconds) for authority, count in bounds.items()}
    matrix = _Matrix(context, recipe_of(context.topology.site.flow), Reader(context.topology, context.vault), budgets)
    return await matrix.replay(asked(context.topology))


@dataclass(frozen=True, slots=True)
class _Home:
    """What a node did when a session was made on it and looked at there."""

    node: Node
    roles: Roles
    visit: NodeVisit
    made: Turn
    cell: _Tried | None = None

    @property
    def answers(self) -> bool:
        """Whether it answered at all."""
        return not (self.visit.refused or self.visit.trouble)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One cell and the reading behind it, which may be doubtful until it is known whether looking ever works."""

    cell: Cell
    reading: Reading

    def settled(self, *, works: bool) -> Cell:
        """The cell in its last form."""
        state = _state(self.reading.settled(works=works))
        if state == self.cell.state:
            return self.cell
        return replace(self.cell, state=state, trouble="", seen=(state,))


@dataclass(frozen=True, slots=True)
class _Matrix:
    """One run of the matrix."""

    context: Context
    recipe: Recipe
    reader: Reader
    budgets: Mapping[str, Budget]

    async def replay(self, nodes: Sequence[Node]) -> Replay:
        """Each node alone, then the pairs of those that answer, then once more what was lost."""
        homes = [home for home in await asyncio.gather(*map(self._home, nodes)) if home]
        self._insist_on_a_working_flow(homes)
        alive = {home.node.name: home for home in homes if home.answers}
        wanted = [(nodes[made].name, nodes[read].name) for made, read in pairs_of(len(nodes))]
        pairs = [(alive[made], alive[read]) for made, read in wanted if made in alive and read in alive]
        tried = [home.cell for home in alive.values() if home.cell]
        tried += [one for one in await asyncio.gather(*(self._cell(*pair) for pair in pairs)) if one]
        works = any(one.cell.state == "kept" for one in tried)
        cells = [one.settled(works=works) for one in tried]
        again = [cell.state in {"lost", "error"} for cell in cells]
        cells = list(await asyncio.gather(*(self._again(cell, alive, works=works) for cell in cells)))
        return Replay(
            nodes=tuple(node.name for node in nodes),
            visits=tuple(home.visit for home in homes),
            cells=tuple(cells),
            flow=self.recipe.declared,
            rounds=2 if any(again) else 1,
        )

    async def _home(self, node: Node) -> _Home | None:
        """A session made on a node and looked at there; None if the budget does not suffice."""
        client = self._client(node)
        try:
            made = await self._steps(client, self.recipe.make)
            if made.response is None:
                return _Home(node, Roles(), _silent(node, made), made)
            roles = roles_of(made.settings, self.context.topology)
            visit = await self._visit(node, made, roles)
            return _Home(node, roles, visit, made, await self._own_cell(node, client, made, roles))
        except Spent:
            return None

    async def _visit(self, node: Node, made: Turn, roles: Roles) -> NodeVisit:
        assert made.response
        cookies = self.reader.first_of_each(made.settings, self._read_url(node), roles)
        headers = {name.lower(): value[:_LONGEST_HEADER] for name, value in made.response.headers}
        http, https = await self._by_scheme(node, made, roles)
        return NodeVisit(
            node=node.name,
            status=made.status,
            headers={name: value for name, value in sorted(headers.items()) if _VERSIONS.fullmatch(name)},
            cookies=tuple(replace(cookie, refused="", withheld="") for cookie in cookies),
            session=next((cookie.token for cookie in cookies if cookie.role == "session"), ""),
            header_bytes=sum(len(f"{name}: {value}\r\n") for name, value in made.response.headers),
            cookies_if_http=http,
            cookies_if_https=https,
        )

    async def _by_scheme(self, node: Node, made: Turn, roles: Roles) -> tuple[_Names | None, _Names | None]:
        """The cookies that it sets if it takes the request for http, and for https; asked where that can matter."""
        over_https = self.context.topology.site.url.lower().startswith("https:")
        if roles.handed_out(made.settings) and not over_https:
            return None, None
        headers = {name: value for name, value in node.headers.items() if name.lower() != _PROTO.lower()}
        if len(headers) < len(node.headers):
            return await self._set_with(node, headers), _set_by(made)
        return _set_by(made), await self._set_with(node, {**headers, _PROTO: "https"})

    async def _set_with(self, node: Node, headers: dict[str, str]) -> _Names:
        """The cookies that the node sets on a request with other headers."""
        return _set_by(await self._steps(self._client(replace(node, headers=headers)), self.recipe.make))

    async def _own_cell(self, node: Node, client: Client, made: Turn, roles: Roles) -> _Tried:
        if not made.ok:
            return _not_made(node.name, node.name, made)
        before = client.jar.copy()
        looked = await self._steps(client, self.recipe.look)
        reading, fate = self._reading(looked, before, roles, roles)
        state = _state(reading)
        cell = Cell(node.name, node.name, state, fate, state, state, looked.status, reading.trouble, (state,))
        return _Tried(cell, reading)

    async def _cell(self, made_on: _Home, read_on: _Home) -> _Tried | None:
        """A session of one node, shown to another and taken back; None if the budget does not suffice."""
        client = self._client(made_on.node)
        try:
            made = await self._steps(client, self.recipe.make)
            if not made.ok:
                return _not_made(made_on.node.name, read_on.node.name, made)
            return await self._shown(client, made_on, read_on)
        except Spent:
            return None

    async def _shown(self, client: Client, made_on: _Home, read_on: _Home) -> _Tried:
        original = client.jar.copy()
        guest = self._at(client.with_jar(original.copy()), read_on.node)
        looked = await self._steps(guest, self.recipe.look)
        reading, fate = self._reading(looked, original, made_on.roles, read_on.roles)
        back = await self._back(client, original, made_on)
        newest = back if _same(guest.jar, original) else await self._back(client, guest.jar, made_on)
        state = _state(reading)
        names = made_on.node.name, read_on.node.name
        cell = Cell(*names, state, fate, back, newest, looked.status, reading.trouble, (state,))
        return _Tried(cell, reading)

    async def _back(self, client: Client, jar: Jar, home: _Home) -> CellState:
        """The state on the node that made the session, afterwards."""
        looked = await self._steps(client.with_jar(jar.copy()), self.recipe.look)
        return _state(self._reading(looked, jar, home.roles, home.roles)[0].settled(works=_kept_at(home)))

    async def _again(self, cell: Cell, alive: Mapping[str, _Home], *, works: bool) -> Cell:
        """What was lost or failed is tried once more with a new session: two outcomes are a race, a lag or eviction."""
        if cell.state not in {"lost", "error"}:
            return cell
        made_on, read_on = alive[cell.created_on], alive[cell.read_on]
        client = self._client(made_on.node)
        try:
            made = await self._steps(client, self.recipe.make)
            if not made.ok:
                return replace(cell, seen=(*cell.seen, "error"))
            before = client.jar.copy()
            looked = await self._steps(self._at(client, read_on.node), self.recipe.look)
        except Spent:
            return cell
        second = _state(self._reading(looked, before, made_on.roles, read_on.roles)[0].settled(works=works))
        # A loss that was seen once is a loss; an error may have been a hiccup.
        state = second if cell.state == "error" else cell.state
        trouble = "" if state in {"kept", "lost"} else cell.trouble
        return replace(cell, state=state, trouble=trouble, seen=(*cell.seen, second))

    def _reading(self, looked: Turn, before: Jar, made: Roles, read: Roles) -> tuple[Reading, IdFate]:
        """The state, and what became of the session id of a client that came with `before`."""
        reading, fate = read_state(self.recipe, looked), _fate(looked, before, made, read)
        renewed = not self.recipe.declared and fate == "renewed"
        return (Reading("lost") if renewed else reading), fate

    def _insist_on_a_working_flow(self, homes: Iterable[_Home]) -> None:
        """Without one successful write nothing can be said about state; a server's own error is a finding, though."""
        made = [home.made for home in homes if home.answers]
        if not self.recipe.make or not made or any(turn.ok or turn.status >= SERVER_ERROR for turn in made):
            return
        hint = "correct site.flow, or add what nodes expect of a proxy: nodes[].headers: {Host: ...}"
        raise Unavailable(f"site.flow does not work on any node: {made[0].trouble}", hint=hint)

    async def _steps(self, client: Client, steps: Sequence[Step]) -> Turn:
        turn = await client.steps(steps)
        self.reader.hide(turn.settings)
        for name, value in client.values.items():
            if name != "marker":
                self.context.vault.hide(value)
        return turn

    def _client(self, node: Node) -> Client:
        to = target(node)
        return Client(self.context.wire, to, RawJar(), budget=self.budgets[to.authority])

    def _at(self, client: Client, node: Node) -> Client:
        to = target(node)
        return client.at(to, budget=self.budgets[to.authority])

    def _read_url(self, node: Node) -> str:
        path = self.recipe.look[-1].path if self.recipe.look else ""
        return below(node.url, path) if path else node.url


def _set_by(turn: Turn) -> _Names:
    return tuple(dict.fromkeys(one.cookie.name for one in turn.settings if not one.deletes))


def _silent(node: Node, made: Turn) -> NodeVisit:
    return NodeVisit(node.name, refused=made.refused, trouble="" if made.refused else made.trouble)


def _not_made(made_on: str, read_on: str, made: Turn) -> _Tried:
    """No session could be made: an error, unless the declaration may be to blame."""
    failed = made.response is None or made.status >= SERVER_ERROR
    cell = Cell(made_on, read_on, "error", status=made.status, trouble=made.trouble, seen=("error",))
    reading = Reading("unknown", made.trouble)
    return _Tried(cell, reading) if failed else _Tried(replace(cell, state="unknown", seen=("unknown",)), reading)


def _state(reading: Reading) -> CellState:
    """Where nobody can tell, because the node failed, the cell is in error."""
    return "error" if reading.trouble and not reading.doubtful else reading.state


def _kept_at(home: _Home) -> bool:
    return home.cell is not None and home.cell.cell.state == "kept"


def _same(one: Jar, other: Jar) -> bool:
    """Whether two jars send the same."""
    return {cookie.pair for cookie in one.all()} == {cookie.pair for cookie in other.all()}


def _fate(looked: Turn, before: Jar, made: Roles, read: Roles) -> IdFate:
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
