"""One page load, as browsers do it and a polite prober does not: six requests at once, then the files of the page."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.flows.page_load import Asset, PageLoad, State
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.html import attribute, tree_of
from sessiondoctor.probes.browser.recipe import Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.results import FlowResult
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, landings, timeout_of
from sessiondoctor.probes.responses.cookie_roles import Roles, roles_of
from sessiondoctor.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Options
    from sessiondoctor.probes.browser.results import Answer
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.message import Response

AT_ONCE = 6
"""Connections that browsers open to one host over HTTP/1.1."""

_LOOKS = 4  # one after the other before: what is lost at random is none of the page load's doing
_AFTER = 3
_MOST_ASSETS = 3
_LONGEST_PATH = 100
_FILES = ("img[src]", "script[src]", "link[rel=stylesheet][href]")
_FRESH = re.compile(r"(?:s-maxage|max-age)\s*=\s*\"?0*[1-9]")
_NOT_SHARED = re.compile(r"\b(?:private|no-store|no-cache)\b")


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if there is a state to look at."""
    if not recipe_of(topology.site.flow).declared:
        hint = "declare site.flow: how state is put into a session, and seen again"
        yield Absent(PageLoad, "site", "whether state survives a page load cannot be seen", hint)
        return
    entry_point = entry(topology)
    yield Probe(
        evidence=PageLoad,
        subject="site",
        describe=f"{AT_ONCE} requests of one session at once, then {_MOST_ASSETS} files of the page, "
        f"through {entry_point.authority}",
        contacts=bounds_of(topology).contacts(topology),
        ask=load,
        needs=(Rehearsal,),
        holds=entry_point.authority,
        turn=1,
        timeout_s=timeout_of(options),
    )


def bounds_of(topology: Topology) -> Bounds:
    """The most requests: the site opened, a session made, looks, and files."""
    recipe = recipe_of(topology.site.flow)
    looks = (_LOOKS + AT_ONCE + 2 * _AFTER) * recipe.read_requests
    return Bounds(landings(topology, 1) + REDIRECTED * (recipe.write_requests + looks + _MOST_ASSETS), {})


async def load(context: Context) -> PageLoad:
    """A session, then a page load.

    Raises:
        Unavailable: no session could be made.
    """
    callers = Callers.within(bounds_of(context.topology), context)
    try:
        client, landing = await callers.landed()
        recipe = recipe_of(context.topology.site.flow)
        made = await callers.begin(client, recipe)
        if not made.ok:
            raise Unavailable(f"no session could be made: {made.trouble}")
        return await _PageLoad(context, client, recipe, landing, made).run()
    except Spent:
        raise Unavailable("there was not enough time for the page load", hint="raise --deadline") from None


@dataclass(frozen=True, slots=True)
class _PageLoad:
    """One client with a session: how it opened the site, and came to it."""

    context: Context
    client: Client
    recipe: Recipe
    landing: FlowResult
    made: FlowResult

    async def run(self) -> PageLoad:
        """Looks one after the other; at once; looks; files; looks."""
        states = [await self._look() for _ in range(_LOOKS)]
        before = states.count("kept")
        if before < len(states):
            return PageLoad(looks=len(states), before=before)
        held = {cookie.value for cookie in self.client.jar.all()}
        turns = await asyncio.gather(
            *(self.client.in_bursts().steps(self.recipe.read) for _ in range(AT_ONCE)), return_exceptions=True
        )
        answered = [turn for turn in turns if not isinstance(turn, BaseException) and turn.response]
        roles = self._roles(answered)
        after = await self._after()
        assets = tuple([await self._asset(url, roles) for url in _files(self.landing.response)])
        return PageLoad(
            looks=len(states),
            before=before,
            at_once=len(answered),
            replaced=sum(_replaces(turn, roles, held) for turn in answered),
            after=after,
            assets=assets,
            after_assets=await self._after() if assets and after == "kept" else "unknown",
        )

    async def _look(self) -> State:
        return read_state(self.recipe, await self.client.steps(self.recipe.read)).settled(works=True).state

    async def _after(self) -> State:
        """Lost only where no look shows the state."""
        states = []
        for _ in range(_AFTER):
            states.append(await self._look())
            if states[-1] == "kept":
                return "kept"
        return "lost" if set(states) == {"lost"} else "unknown"

    async def _asset(self, url: str, roles: Roles) -> Asset:
        path = urlsplit(url).path[:_LONGEST_PATH]
        try:
            answers = await self.client.fetch(Request(url))
        except Spent:
            raise
        except Unavailable:
            return Asset(path, 0)
        return Asset(path, answers[-1].response.status, *_said(answers, roles))

    def _roles(self, turns: Sequence[FlowResult]) -> Roles:
        settings = [setting for turn in (self.landing, self.made, *turns) for setting in turn.settings]
        return roles_of(settings, self.context.topology)


def _said(answers: Sequence[Answer], roles: Roles) -> tuple[bool, bool]:
    settings = [setting for answer in answers for setting in answer.settings]
    return _shared(answers[-1].response), any(roles.is_session(one) for one in settings)


def _shared(response: Response) -> bool:
    """Whether it says that shared caches may keep it (RFC 9111, 5.2.2)."""
    told = response.header("cache-control").lower()
    return bool(_FRESH.search(told) or "public" in told) and not _NOT_SHARED.search(told)


def _replaces(turn: FlowResult, roles: Roles, held: set[str]) -> bool:
    return any(roles.is_session(one) and (one.deletes or one.cookie.value not in held) for one in turn.settings)


def _files(page: Response | None) -> tuple[str, ...]:
    """The first image, script and style sheet of the page that come from its own host."""
    tree = tree_of(page.text) if page else None
    found: list[str] = []
    for selector in _FILES if tree and page else ():
        nodes = tree.css(selector)[:50] if tree else []
        urls = (urljoin(page.url, attribute(n, "src") or attribute(n, "href") or "") for n in nodes) if page else ()
        own = (url for url in urls if page and urlsplit(url).netloc == urlsplit(page.url).netloc)
        found += [url for url in own if urlsplit(url).path not in {"", "/"}][:1]
    return tuple(found)[:_MOST_ASSETS]
