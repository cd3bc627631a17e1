"""The logged-in sessions of one scan: made one at a time, as few as its questions need, and used by all its probes.

An account may be locked after a few refusals, may have few sessions at once, and keeps what is left in it. Whoever
wants a session says which: those of one place are numbered. Its first user logs in, all others are given a copy of
its cookies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.probes.browser.budget import Budget
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import Recipe, read_state
from sessiondoctor.probes.browser.results import FlowResult, Setting, StepResult
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.browser.targets import REDIRECTED
from sessiondoctor.wire.message import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sessiondoctor.context import Context
    from sessiondoctor.evidence.entry.visits import State
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.topology.steps import Flow, Step

SITE: Final = ""
"""The place of sessions made through the public entry; those made on a node have its name."""

AT_SITE: Final = 3
"""Sessions made through the public entry: a balancer that takes turns among two nodes leaves no two of them alike."""

REFUSALS: Final = 2
"""After so many nobody tries again, where it worked elsewhere not at this place: many sites lock after three."""

FEW: Final = "this account may have few sessions at once: a later login ends earlier ones"
"""Why nobody logs in any more, where that was seen."""

_LED_TO = 3
_LOOKS = 3
_LENT = 12  # times that a session is looked at before somebody uses it
_WATCHED = 5  # looks that must all agree before and after a login: a node that ends sessions is rarely missed by five
_WATCHES = 2
_LOGOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session of somebody who has logged in.

    Attributes:
        account: index into the declared accounts.
        before: what its first user did before the login.
        login: the login itself.
        at: where it was made.
        written: what putting state into it came to; None as long as nobody did.
    """

    place: str
    number: int
    account: int
    before: FlowResult
    login: FlowResult
    at: Target
    jar: Jar = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    page: Response | None = field(repr=False)
    written: FlowResult | None = None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All cookies that were set on the way to it."""
        return self.before.settings + self.login.settings + (self.written.settings if self.written else ())


def logins_of(topology: Topology) -> int:
    """The most logins of one scan: some through the entry and one on each node; refusals count.

    Without URLs the balancer may be led to a few nodes.
    """
    nodes = sum(1 for node in topology.nodes if node.url)
    return AT_SITE + (nodes or _LED_TO) if topology.site.flow.login else 0


def budgets_of(topology: Topology) -> Mapping[str, int]:
    """The most requests of all logins and logouts, redirects included: through the entry, and on each node by name."""
    flow, most = topology.site.flow, logins_of(topology)
    if not most:
        return {SITE: 0}
    once = len(flow.login) + len(flow.logout)
    shown = len(flow.logged_in or flow.read)
    looks, watched = _LENT * _LOOKS * shown, _WATCHES * 2 * _WATCHED * shown
    nodes = {node.name: REDIRECTED * (2 * REFUSALS * once + looks + watched) for node in topology.nodes if node.url}
    return {SITE: REDIRECTED * (2 * most * once + len(flow.write) + looks + most * watched), **nodes}


class Accounts:
    """All logins of one scan.

    Attributes:
        logins: how many were tried.
        works: whether a look ever showed that somebody is logged in; else one that fails may be declared wrongly.
        ended_by_login: how many sessions a later login of the same account was seen to end.
        sessions: those that are there.
    """

    def __init__(self, context: Context) -> None:
        seconds = context.options.deadline_s
        self._flow = context.topology.site.flow
        self._most = logins_of(context.topology)
        self._context = context
        self._login = asyncio.Lock()
        self._budgets = {place: Budget(count, seconds) for place, count in budgets_of(context.topology).items()}
        self._locks: dict[tuple[str, int], asyncio.Lock] = {}
        self._refused: dict[str, list[FlowResult]] = {}
        self._stopped = ""
        self._again = self._most
        self._ended = 0
        self._watches = _WATCHES
        self.logins = 0
        self.works = False
        self.ended_by_login = 0
        self.sessions: dict[tuple[str, int], LoggedIn] = {}

    @classmethod
    def of(cls, context: Context) -> Accounts:
        """The one of this scan."""
        found = context.shared.setdefault(cls, cls(context))
        assert isinstance(found, cls)
        return found

    @property
    def flow(self) -> Flow:
        """What the topology declares."""
        return self._flow

    @property
    def stopped(self) -> str:
        """Why nobody logs in any more; empty while somebody may."""
        return self._stopped

    def stop(self, reason: str) -> None:
        """No more logins: the last one was not recognised."""
        self._stopped = self._stopped or reason

    def disown(self, place: str) -> None:
        """The login at this place was taken, and nothing ever showed it: it counts as refused, nobody is lent it."""
        session = self.sessions.pop((place, 0), None)
        if session:
            self._refused.setdefault(place, []).append(session.login)

    def may_try(self, place: str) -> bool:
        """Whether another login at this place would be no nuisance."""
        if self._stopped or self.logins >= self._most + min(self._ended, self._again):
            return False
        counted = self._refused if not self.sessions else {place: self._refused.get(place, [])}
        return sum(map(len, counted.values())) < REFUSALS

    async def begin(self, client: Client, recipe: Recipe, place: str = SITE, number: int = 0) -> FlowResult:
        """Put state into a session: of the client's own, or if a login is declared into a logged-in one.

        A logged-in session is written once; whoever comes later is given what that came to, cookies included.

        Raises:
            Spent: the budget does not suffice.
        """
        if not recipe.login:
            return await client.steps(recipe.write)
        entered = await self.enter(client, place, number)
        return entered.then(await self.write(client, recipe, place, number)) if entered.ok else entered

    async def write(self, client: Client, recipe: Recipe, place: str = SITE, number: int = 0) -> FlowResult:
        """Take the steps of `write`, unless they were taken in this session before.

        Raises:
            Spent: the budget does not suffice.
        """
        async with self._locks.setdefault((place, number), asyncio.Lock()):
            session = self.sessions.get((place, number))
            if session and session.written:
                return session.written
            written = await client.steps(recipe.write) if recipe.write else FlowResult(())
            if session and written.ok:
                jar, values = client.jar.copy(), dict(client.values)
                self.sessions[place, number] = replace(
                    session, written=written, jar=jar, values=values, page=client.page
                )
        return written

    async def enter(
        self, client: Client, place: str = SITE, number: int = 0, before: Sequence[Step] = ()
    ) -> FlowResult:
        """The client takes over a logged-in session; its first user logs in after these steps.

        Returns:
            The login that led to the session, whenever it was; the last refusal if there is none and none may be made.

        Raises:
            Spent: the budget does not suffice.
        """
        if not self._flow.login:
            return FlowResult(())
        async with self._login:
            session = self.sessions.get((place, number))
            if session and self.logins < self._most + self._again and not await self._is_alive(session):
                session, self._ended = None, self._ended + 1
            if session is None and self.may_try(place):
                log_in = partial(self._log_in, client, place, number, before)
                return await (self._watched(log_in) if self._ended and self._watches else log_in())
        if session is None:
            return self._refusal(place)
        _lend(session, client)
        return session.login

    async def counted(
        self, client: Client, place: str, log_in: Callable[[], Awaitable[FlowResult]]
    ) -> FlowResult | None:
        """A login that nobody else will use, such as one of two nodes, counted like all others; None if none may be.

        Raises:
            Spent: the budget does not suffice.
        """
        async with self._login:
            if not self.may_try(place):
                return None
            if self._flow.accounts:
                client.values.update(self._flow.accounts[self.logins % len(self._flow.accounts)])
            self.logins += 1
            login = await log_in()
            if not login.ok:
                self._refused.setdefault(place, []).append(login)
            return login

    async def end(self) -> None:
        """Log out of the sessions that are left, where the topology says how."""
        if self._flow.logout:
            async with asyncio.timeout(_LOGOUT_S):
                for session in self.sessions.values():
                    await self._log_out(session)

    async def _log_out(self, session: LoggedIn) -> None:
        context, budget = self._context, self._budgets.get(session.place, self._budgets[SITE])
        client = Client.of(context, session.at, session.jar.copy(), budget=budget)
        client.values, client.page = dict(session.values), session.page
        await client.steps(self._flow.logout)

    async def _watched(self, log_in: Callable[[], Awaitable[FlowResult]]) -> FlowResult:
        """A login after a session has ended: does it end others of its account that were known until then?"""
        self._watches -= 1
        account = self._next_account
        others = [session for session in self.sessions.values() if session.account == account]
        known = [session for session in others if await self._is_always(session, "kept")]
        login = await log_in()
        if login.ok:
            self.ended_by_login += sum([await self._is_always(session, "lost") for session in known])
        if self.ended_by_login:
            self.stop(FEW)
        return login

    async def _is_always(self, session: LoggedIn, state: State) -> bool:
        """Whether all of several looks agree."""
        return all([await self._state(session) == state for _ in range(_WATCHED)])

    async def _state(self, session: LoggedIn) -> State:
        """What one look shows, where the session was made."""
        steps = self._shown(session)
        client = Client.of(
            self._context, session.at, session.jar.copy(), budget=self._budgets.get(session.place, self._budgets[SITE])
        )
        client.values, client.page = dict(session.values), session.page
        if not steps:
            return "unknown"
        reading = read_state(Recipe((), steps, login=True), await client.steps(steps))
        return reading.settled(works=self.works).state

    def _shown(self, session: LoggedIn) -> tuple[Step, ...]:
        """The steps that show whether somebody is logged in."""
        return self._flow.logged_in or (self._flow.read if session.written else ())

    async def _is_alive(self, session: LoggedIn) -> bool:
        """Whether a few looks where it was made know it: a node that cannot read a session may have ended it."""
        if not self._shown(session):
            return True
        for _ in range(_LOOKS):
            if await self._state(session) != "lost":
                return True
        return False

    @property
    def _next_account(self) -> int:
        """Accounts take turns."""
        return self.logins % max(1, len(self._flow.accounts))

    async def _log_in(self, client: Client, place: str, number: int, before: Sequence[Step]) -> FlowResult:
        account = self._next_account
        self.logins += 1
        if self._flow.accounts:
            client.values.update(self._flow.accounts[account])
        led, login = await self._steps(client, place, before)
        if login.ok:
            values, jar = dict(client.values), client.jar.copy()
            self.sessions[place, number] = LoggedIn(
                place, number, account, led, login, client.target, jar, values, client.page
            )
        else:
            self._refused.setdefault(place, []).append(login)
        return login

    async def _steps(self, client: Client, place: str, before: Sequence[Step]) -> tuple[FlowResult, FlowResult]:
        """Steps before and the login, paid for by what the plan announced for logins."""
        usual = client.budget
        client.budget = self._budgets.get(place, self._budgets[SITE])
        try:
            led = await client.steps(before) if before else FlowResult(())
            return led, await client.steps(self._flow.login)
        finally:
            client.budget = usual

    def _refusal(self, place: str) -> FlowResult:
        """The last refusal at this place, else what stopped the logins."""
        everywhere = [one for many in self._refused.values() for one in many]
        refused = [] if self.ended_by_login else self._refused.get(place) or everywhere
        if refused:
            return refused[-1]
        trouble = self._stopped or f"no more than {self._most} logins were announced"
        return FlowResult((StepResult(ok=False, why="status", trouble=trouble),))


def _lend(session: LoggedIn, client: Client) -> None:
    """Give a copy of a session away; a client without a browser's rules has all cookies that led to it."""
    if isinstance(client.jar, RawJar) and not isinstance(session.jar, RawJar):
        client.jar = RawJar()
        for setting in session.settings:
            if setting.carrier == "cookie":
                client.jar.store(setting.cookie, setting.url, setting.at)
            else:
                client.jar.carry(setting.cookie.name, setting.cookie.value, setting.url, setting.at, setting.carrier)
    else:
        client.jar = session.jar.copy()
    client.values.update(session.values)
    client.page = session.page
