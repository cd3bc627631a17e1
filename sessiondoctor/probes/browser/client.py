"""A throw-away client: it follows redirects and keeps cookies as a browser does, within a budget of requests."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.errors import Unavailable, Unreachable, UsageError
from sessiondoctor.formats import refusals
from sessiondoctor.formats.jar import Carrier, Jar, RawJar, StoredCookie
from sessiondoctor.formats.set_cookie import SetCookie, read_set_cookie
from sessiondoctor.probes.browser.budget import Budget, Spent
from sessiondoctor.probes.browser.carrier import RECOGNISED, Carriers, carrying
from sessiondoctor.probes.browser.cookie_names import moved
from sessiondoctor.probes.browser.flow import Why, named, objection, request_of, take
from sessiondoctor.probes.browser.hiding import hide_value
from sessiondoctor.probes.browser.page_form import PageForm, form_for, forms_of
from sessiondoctor.probes.browser.results import Answer, FlowResult, Setting, StepResult
from sessiondoctor.probes.browser.sameness import unlike
from sessiondoctor.wire.address import place, split_url
from sessiondoctor.wire.message import Request, Response
from sessiondoctor.wire.redirect import next_request, redirected_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from sessiondoctor.context import Context
    from sessiondoctor.probes.browser.target import Target
    from sessiondoctor.redact import Redactor
    from sessiondoctor.topology.steps import Step
    from sessiondoctor.wire.client import Connection, Wire

_MOST_COOKIES = 100  # of one response; RFC 6265 asks a browser for 50 per domain
_LONG_AGO_S = 24 * 3600.0


class Client:
    """One visitor: a new connection for each request, so that none hides what the balancer does, unless given one.

    Whatever a response sets and a step extracts is a secret, which it tells the redactor at once: no probe need do it.

    Args:
        wire: sends its requests.
        target: where they go.
        jar: `Jar` for a browser's rules, `RawJar` for none.
        redactor: scrubs what it learns from all outputs.
        budget: bounds them; None leaves that to the caller. It may change, as what pays for a login is no other's.
        withheld: names of cookies that it keeps to itself.
        connection: all its requests go over this one, as long as the server keeps it open.
        carriers: what carries sessions besides cookies.

    Attributes:
        values: what braces stand for: a `marker` of its own, and what flows extract; secrets.
        between: awaited before each request, as somebody else who comes between.
        page: the final response of the last step, whose form the next one may send.
        sought: another client's values, which responses are compared with and no request carries.
    """

    def __init__(
        self,
        wire: Wire,
        target: Target,
        jar: Jar,
        redactor: Redactor,
        *,
        budget: Budget | None = None,
        withheld: Collection[str] = (),
        connection: Connection | None = None,
        carriers: Carriers = RECOGNISED,
    ) -> None:
        self.jar = jar
        self.carriers = carriers
        self.values: dict[str, str] = {"marker": f"sd{secrets.token_hex(8)}"}
        self.page: Response | None = None
        self.sought: Mapping[str, str] = {}
        self._wire = wire
        self._target = target
        self._redactor = redactor
        self.budget = budget
        self._withheld = frozenset(withheld)
        self.connection = connection
        self.between: Callable[[], Awaitable[None]] | None = None

    @classmethod
    def of(
        cls,
        context: Context,
        target: Target,
        jar: Jar,
        *,
        budget: Budget | None = None,
        withheld: Collection[str] = (),
        connection: Connection | None = None,
    ) -> Client:
        """A visitor of this scan."""
        carriers = Carriers.of(context.topology)
        return cls(
            context.wire, target, jar, context.redactor,
            budget=budget, withheld=withheld, connection=connection, carriers=carriers,
        )  # fmt: skip

    @property
    def target(self) -> Target:
        """Where its requests go."""
        return self._target

    def at(self, target: Target, *, budget: Budget | None = None) -> Client:
        """The same visitor, jar and values, at another target, by new connections.

        In a raw jar, cookies named after the address that was asked are named after the new one, in a jar of their
        own; a browser renames none.
        """
        raw = isinstance(self.jar, RawJar)
        jar = moved(self.jar, self._target.believed, target.believed) if raw else self.jar
        client = Client(self._wire, target, jar, self._redactor, budget=budget, withheld=self._withheld)
        client.carriers = self.carriers
        client.values, client.page = self.values, self.page
        return client

    def with_jar(self, jar: Jar) -> Client:
        """The same visitor and values at the same target, with other cookies."""
        client = self.at(self._target, budget=self.budget)
        client.jar = jar
        return client

    def stranger(self) -> Client:
        """A new client at the same target, which has nothing of this one and looks for what this one wrote."""
        client = self.with_jar(Jar())
        client.values, client.page, client.sought = {}, None, dict(self.values)
        return client

    def in_bursts(self) -> Client:
        """The same visitor, jar and values at the same target; its requests do not wait for the pace."""
        client = self.at(self._target, budget=self.budget)
        client._wire = self._wire.in_bursts()  # noqa: SLF001 - it is one of these
        return client

    async def steps(self, steps: Sequence[Step]) -> FlowResult:
        """Run steps in order, end at the first that is not as wanted; without steps, open the URL itself.

        Raises:
            Spent: the budget does not suffice.
        """
        if not steps:
            return await self.open()
        results: list[StepResult] = []
        for step in steps:
            results.append(await self._run(step))
            if not results[-1].ok:
                break
        return FlowResult(tuple(results))

    async def open(self) -> FlowResult:
        """A plain GET of the target's URL, whatever its status.

        Raises:
            Spent: the budget does not suffice.
        """
        try:
            return FlowResult((StepResult(ok=True, answers=await self.fetch(Request(self._target.url))),))
        except Spent:
            raise
        except Unavailable as error:
            return FlowResult((_unreachable(error),))

    async def fetch(self, request: Request) -> tuple[Answer, ...]:
        """Send a request and follow its redirects as far as they stay at this target; the final answer is the last.

        Raises:
            Spent: the budget does not suffice.
            Unavailable: there was no complete response; `Unreachable` where the network said why.
        """
        request = replace(request, headers=(*self._target.headers, *request.headers))
        answers = [await self._send(request)]
        while len(answers) <= self._target.redirects and (onward := self._onward(request, answers[-1].response)):
            request = onward
            answers.append(await self._send(request))
        return tuple(answers)

    async def _run(self, step: Step) -> StepResult:
        form = self._form_for(step)
        if step.reads_form and form is None:
            return StepResult(ok=False, why="form", trouble=f"{named(step)}: {self._why_no_form()}")
        try:
            request = request_of(step, self._target.url, self.values, origin=self._target.origin, form=form)
            answers = await self.fetch(request)
        except Spent:
            raise
        except Unavailable as error:
            return _unreachable(error)
        self.page = answers[-1].response
        why, trouble = self._compare(step, answers)
        return StepResult(not why, why, f"{named(step)}: {trouble}" if why else "", answers=answers)

    def _form_for(self, step: Step) -> PageForm | None:
        """The form of the page before that a step sends, or whose action it takes; only if that stays at this site."""
        if not step.reads_form or self.page is None:
            return None
        form = form_for(forms_of(self.page), step.fields if step.auto else step.form)
        return form if form and self._is_ours(form.action) else None

    def _is_ours(self, url: str) -> bool:
        """Whether a URL of a page leads to this target; nothing secret is sent elsewhere."""
        try:
            origin = split_url(url).origin
        except UsageError:
            return False
        known = {self._target.authority, *self._target.entry_points}
        return origin.authority in known or str(origin) in {self._target.public, self._target.origin}

    def _why_no_form(self) -> str:
        if self.page is None:
            return "no page was opened before"
        forms = forms_of(self.page)
        where = urlsplit(self.page.url).path
        return f"the form on {where} is sent to another site" if forms else f"the page {where} has no form"

    def _compare(self, step: Step, answers: tuple[Answer, ...]) -> tuple[Why, str]:
        """What is wrong, if anything; else takes out what later steps need."""
        final = answers[-1].response
        known = {**self.sought, **self.values}
        why, trouble = objection(step, final, known)
        if not why:
            why, trouble = unlike(step, answers, known)
        if not why:
            cookies = self.jar.cookies_for(self._target.seen(final.url), time.time())
            held = {cookie.name: cookie.value for cookie in reversed(cookies)}
            trouble_of_taking = take(step, final, self.values, held)
            for name in step.extract:
                self._redactor.hide(self.values.get(name, ""))
            return trouble_of_taking
        onward = redirected_to(final)
        if why == "expectation" and onward:
            too_many = place(onward) == place(final.url)
            where = f"more than {len(answers) - 1} redirects in a row" if too_many else f"a redirect to {place(onward)}"
            return "elsewhere", where
        return why, trouble

    def _onward(self, request: Request, response: Response) -> Request | None:
        onward = next_request(request, response)
        entry_points = {self._target.authority, *self._target.entry_points}
        return onward if onward and split_url(onward.url).origin.authority in entry_points else None

    def dressed(self, request: Request) -> Request:
        """The request as this client sends it, with the target's headers and its own cookies."""
        return self._carrying(replace(request, headers=(*self._target.headers, *request.headers)))[0]

    def _carrying(self, request: Request) -> tuple[Request, tuple[StoredCookie, ...]]:
        """The request with all that carries a session, and what that is."""
        sent = self.jar.without(self._withheld).cookies_for(self._target.seen(request.url), time.time())
        request = _with_cookies(request, tuple(cookie for cookie in sent if cookie.carrier == "cookie"))
        return carrying(request, sent), sent

    async def _send(self, request: Request) -> Answer:
        target = self._target
        request, sent = self._carrying(request)
        if self.between:
            await self.between()
        if self.budget:
            self.budget.take()
        try:
            response = await self._wire.send(
                request, connection=self.connection, address=target.address, source=target.source, trust=target.trust
            )
        except UsageError as error:
            raise Unavailable(f"the request could not be sent: {error}") from error
        settings = tuple(self._stored(header, response) for header in response.all("set-cookie")[:_MOST_COOKIES])
        settings += tuple(self._carried(*handed, response) for handed in self.carriers.handed_out(response, self.jar))
        return Answer(request.method, response, sent, settings, self.jar.all())

    def _carried(self, name: str, value: str, carrier: Carrier, response: Response) -> Setting:
        url, now = self._target.seen(response.url), response.answered_at
        self._redactor.hide(value)
        self.jar.carry(name, value, url, now, carrier)
        return Setting(SetCookie(name, value), url, "", now, not value, carrier)

    def _stored(self, header: str, response: Response) -> Setting:
        cookie, now, url = read_set_cookie(header), response.answered_at, self._target.seen(response.url)
        hide_value(cookie, self._redactor)
        refused = self.jar.store(cookie, url, now).reason
        deletes = refused == refusals.EXPIRED and _means_to_delete(cookie, now)
        return Setting(cookie, url, refused, now, deletes)


def _unreachable(error: Unavailable) -> StepResult:
    network = error.trouble if isinstance(error, Unreachable) else ""
    refused = network in {"refused", "closed"}
    return StepResult(ok=False, why="unreachable", trouble=error.reason, refused=refused, network=network)


def _means_to_delete(cookie: SetCookie, now: float) -> bool:
    """Whether an expired cookie is meant to be: one that ended a short time ago was made by a clock that is behind."""
    if cookie.max_age_s is not None or not cookie.value:
        return True
    return cookie.expires is not None and cookie.expires < now - _LONG_AGO_S


def _with_cookies(request: Request, cookies: tuple[StoredCookie, ...]) -> Request:
    """Add the jar's cookies to those that the topology declares, in one header."""
    if not cookies:
        return request
    declared = tuple(value for name, value in request.headers if name.lower() == "cookie")
    others = tuple(pair for pair in request.headers if pair[0].lower() != "cookie")
    line = "; ".join((*declared, *(cookie.pair for cookie in cookies)))
    return replace(request, headers=(*others, ("Cookie", line)))
