"""The flow run once wholly on one node, and once with one client through the entry, before anything is measured.

It says what stands in the way of a flow that does not work, and what the site answers instead of pages. It pays for all
logins of the scan: the sessions that it makes are those that later probes use.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sessiondoctor.context import Context
from sessiondoctor.evidence.flows.rehearsal import NoPage, Rehearsal, RehearsedStep, Run, Way
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.probes.browser import misfit
from sessiondoctor.probes.browser.accounts import SITE, Accounts, budgets_of, logins_of
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.flow import named
from sessiondoctor.probes.browser.recipe import Recipe, read_state
from sessiondoctor.probes.browser.results import FlowResult, StepResult
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.entry.no_page import why_no_page
from sessiondoctor.probes.flows.visitors import Bounds, Callers, landings, timeout_of
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.dropped_cookies import unkept, unkept_names
from sessiondoctor.probes.responses.node_naming import Namer
from sessiondoctor.topology.steps import Step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from sessiondoctor.context import Options
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.topology.model import Node, Topology
    from sessiondoctor.topology.steps import Flow

TURN: Final = -2
"""Before all that contacts the site or its nodes."""

_LANDINGS = 3  # of new clients, if the first is shown no page
_RUNS = 2  # through the entry
_LOOKS = 2  # and one for each further node
_LOOKED = {"logged_in", "read"}
_NOWHERE = {404, 405, 410}


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, which has the site for itself."""
    home, flow, bounds = entry(topology), topology.site.flow, bounds_of(topology)
    logins = logins_of(topology)
    left = "" if flow.logout or not logins else ", none of which is logged out; declare site.flow.logout"
    told = (
        f"; at most {logins} logins in the whole scan, one at a time, more only where a node ends sessions{left}"
        if logins
        else ""
    )
    rehearsed = "the declared flow run once" if _is_declared(flow) else "the site opened"
    yield Probe(
        evidence=Rehearsal,
        subject="site",
        describe=f"{rehearsed} by one client through {home.authority}{told}",
        contacts=bounds.contacts(topology),
        ask=rehearse,
        holds=home.authority,
        turn=TURN,
        timeout_s=timeout_of(options),
    )


def bounds_of(topology: Topology) -> Bounds:
    """The most requests: of all runs, and of all logins of the scan."""
    flow, logins = topology.site.flow, budgets_of(topology)
    looks = _LOOKS + _others(topology) - 1
    once = len(flow.write) + looks * (len(flow.logged_in) + len(flow.read))
    apart = REDIRECTED * (once + len(flow.login)) * landings(topology, _others(topology))
    nodes: Counter[str] = Counter()
    for node in asked(topology):
        nodes[target(node).authority] += logins.get(node.name, 0)
    for node in asked(topology)[:1]:
        nodes[target(node).authority] += REDIRECTED * once
    through_entry = landings(topology, _LANDINGS + _RUNS) + REDIRECTED * _RUNS * once + apart + logins[SITE]
    return Bounds(through_entry, nodes)


def _is_declared(flow: Flow) -> bool:
    return bool((flow.login or flow.write) and (flow.read or flow.logged_in))


def _others(topology: Topology) -> int:
    """How many requests of somebody else lead a balancer that takes turns back to the same node."""
    return max(1, len(topology.nodes) - 1)


async def rehearse(context: Context) -> Rehearsal:
    """Run the flow on one node and through the entry; once more in another way if it works in neither."""
    stage = _Stage(context, Callers.within(bounds_of(context.topology), context), Accounts.of(context))
    return await stage.rehearse()


@dataclass(slots=True)
class _Take:
    """One run as it is recorded: each step with the list it stands in and its result.

    Attributes:
        works: every step was as declared, and what was written was seen at least once.
        refused: the login was refused, or no look right after it showed it.
    """

    way: Way
    node: str = ""
    steps: list[tuple[str, Step, StepResult]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict, repr=False)
    works: bool = False
    refused: bool = False

    @property
    def turn(self) -> FlowResult:
        """All results in order."""
        return FlowResult(tuple(result for _, _, result in self.steps))

    @property
    def unkept(self) -> frozenset[str]:
        """Names of cookies that a browser does not keep, or sends to no page of this run."""
        return unkept_names(self.turn.settings, {answer.response.url for answer in self.turn.answers})

    def note(self, part: str, steps: Sequence[Step], turn: FlowResult) -> None:
        """Take down what came of steps."""
        self.steps += [(part, *pair) for pair in zip(steps, turn.results, strict=False)]


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where the flow is run."""

    context: Context
    callers: Callers
    accounts: Accounts

    @property
    def flow(self) -> Flow:
        """What the topology declares."""
        return self.context.topology.site.flow

    async def rehearse(self) -> Rehearsal:
        """All runs."""
        landing, no_page = await self._landed()
        takes = await self._all_takes(landing, no_page) if _is_declared(self.flow) else []
        runs = [self._told(take) for take in takes]
        if runs and not any(run.works for run in runs):
            self.accounts.stop(next((run.why for run in runs if run.refused), ""))
        usable = any(_is_page(step, result) for take in takes for _, step, result in take.steps)
        return Rehearsal(
            declared=_is_declared(self.flow),
            place=self.callers.home.authority,
            runs=tuple(runs),
            no_page=None if usable else no_page,
            logins=self.accounts.logins,
        )

    async def _landed(self) -> tuple[FlowResult, NoPage | None]:
        """Open the site; what it answers instead of a page, if it does so to several clients."""
        _, landing = await self.callers.landed()
        url = self.context.topology.site.url
        no_page = why_no_page(url, landing)
        for _ in range(_LANDINGS - 1 if no_page and landing.response else 0):
            _, again = await self.callers.landed()
            other = why_no_page(url, again)
            if other is None or (no_page and other.obstacle != no_page.obstacle):
                return again, None
        return landing, no_page

    async def _all_takes(self, landing: FlowResult, no_page: NoPage | None) -> list[_Take]:
        """Those that the budget suffices for: where a site leads round in circles, few do.

        Raises:
            Spent: for none, though the site gives pages.
        """
        takes: list[_Take] = []
        try:
            async for take in self._takes(landing):
                takes.append(take)  # noqa: PERF401 - those before the budget is spent count
        except Spent:
            if not (takes or no_page):
                raise
        return takes

    async def _takes(self, landing: FlowResult) -> AsyncIterator[_Take]:
        """On one node first, where all is as the application has it, then through the entry; else in another way."""
        on_node = [await self._on_node(node) for node in asked(self.context.topology)[:1]]
        for take in on_node:
            yield take
        if landing.response is None:
            return
        at_site = await self._at_site()
        yield at_site
        if any(take.works for take in (*on_node, at_site)):
            return
        if at_site.unkept:
            yield await self._taken(_Take("raw"), (await self.callers.landed(RawJar()))[0])
        elif not self.flow.login or self.accounts.may_try(SITE):
            yield await self._apart()

    async def _at_site(self) -> _Take:
        async with self.context.wire.connection() as connection:
            client, _ = await self.callers.landed(connection=connection)
            return await self._taken(_Take("site"), client)

    async def _apart(self) -> _Take:
        client, _ = await self.callers.landed()
        client.between = self._somebody_else
        return await self._taken(_Take("apart"), client)

    async def _on_node(self, node: Node) -> _Take:
        return await self._taken(_Take("node", node.name), self.callers.at_node(node), node.name)

    async def _somebody_else(self) -> None:
        """So many requests and no redirects: with these it would be the wrong node's turn again."""
        for _ in range(_others(self.context.topology)):
            await self.callers.passing().open()

    async def _taken(self, take: _Take, client: Client, place: str = SITE) -> _Take:
        """One run, after which a login that nothing showed is nobody's."""
        await self._run(take, client, place)
        self.accounts.works |= take.works or (bool(self.flow.logged_in) and not take.refused)
        if take.refused:
            self.accounts.disown(place)
        return take

    async def _run(self, take: _Take, client: Client, place: str) -> None:
        """The flow from its beginning to its end, or to the first step that is not as declared."""
        entered = await self.accounts.enter(client, place)
        take.note("login", self.flow.login, entered)
        take.values = client.values
        if not entered.ok:
            take.refused = True
            return
        if self.flow.logged_in and not await self._seen(take, client, "logged_in", self.flow.logged_in):
            take.refused = True
            return
        if self.flow.write:
            written = await self.accounts.write(client, Recipe(self.flow.write, ()), place)
            take.note("write", self.flow.write, written)
            if not written.ok:
                return
        take.works = not self.flow.read or await self._seen(take, client, "read", self.flow.read)

    async def _seen(self, take: _Take, client: Client, part: str, steps: Sequence[Step]) -> bool:
        """Whether one of a few looks shows the state, each with the cookies of the first.

        Where each node has sessions of its own, a balancer that takes turns leads one of them to the right node.
        """
        jar, recipe = client.jar.copy(), Recipe((), read=tuple(steps), login=True)
        for _ in range(_LOOKS + _others(self.context.topology) - 1):
            client.jar = jar.copy()
            turn = await client.steps(steps)
            take.note(part, steps, turn)
            if read_state(recipe, turn).state == "kept":
                return True
        return False

    def _told(self, take: _Take) -> Run:
        """A run as evidence."""
        roles = roles_of(take.turn.settings, self.context.topology)
        namer = Namer(self.context.topology, roles, take.turn.answers)
        steps = tuple(self._step(take, namer, *one) for one in take.steps)
        why, certain = ("", False) if take.works else _why(take, steps)
        return Run(take.way, steps, take.works, why, take.node, refused=take.refused, certain=certain)

    def _step(self, take: _Take, namer: Namer, part: str, step: Step, result: StepResult) -> RehearsedStep:
        turn = FlowResult((result,))
        final = turn.response
        lost = part in _LOOKED and read_state(Recipe((), (step,), login=True), turn).state == "lost"
        again = part == "login" and result.ok and not take.works and misfit.came_again(step, result)
        trouble = misfit.why(step, result, take.values) if not result.ok or lost else again or ""
        return RehearsedStep(
            part=part,
            step=named(step),
            path=urlsplit(final.url).path if final else "",
            status=turn.status,
            node=take.node or (namer.name(turn.answers[-1])[0] if final else ""),
            set_cookies=tuple(dict.fromkeys(one.cookie.name for one in turn.settings if not one.deletes)),
            dropped=_dropped(take, turn),
            extracted=tuple(step.extract) if result.ok else (),
            marker=misfit.where_is(take.values["marker"], final) if final else "",
            trouble=trouble or ("the session is not known" if lost else ""),
        )


def _is_page(step: Step, result: StepResult) -> bool:
    """Whether the site answered it: a redirect that is not followed is an answer only where it is declared."""
    status = FlowResult((result,)).status
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES or status == step.status


def _dropped(take: _Take, turn: FlowResult) -> tuple[str, ...]:
    """Cookies of one step that a browser does not send to any page of the run."""
    names = take.unkept if take.way in {"site", "apart"} else frozenset()
    url = turn.response.url if turn.response else ""
    return unkept([one for one in turn.settings if one.cookie.name in names], url)


def _why(take: _Take, steps: Sequence[RehearsedStep]) -> tuple[str, bool]:
    """What went wrong, with the form's own fields where they are called otherwise; and whether a page shows it."""
    blamed = [step for step in steps if step.part == "login" and step.trouble] or [*reversed(steps)]
    last = next((step for step in blamed if step.trouble), None)
    if last is None:
        return "the site did not answer", False
    posts = [
        (step, urlsplit(result.answers[0].response.url).path)
        for _, step, result in take.steps
        if result.answers and (step.form or step.fields)
    ]
    unlike = misfit.fields_unlike(posts, [answer.response for answer in take.turn.answers])
    certain = bool(unlike) or last.status in _NOWHERE or "the page has it" in last.trouble
    return "; ".join(filter(None, (last.trouble, unlike))), certain
