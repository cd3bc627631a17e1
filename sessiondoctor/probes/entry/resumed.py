"""A session that is left for a later scan, and what became of one that an earlier scan has left."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.entry.resumed import Resumed
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.formats.session_cookie import recognise_session
from sessiondoctor.formats.set_cookie import SetCookie
from sessiondoctor.probes.browser.budget import Budget, Spent
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.left_session import LeftSession
from sessiondoctor.probes.browser.recipe import SERVER_ERROR, Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.results import FlowResult
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import timeout_of
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.session_ids import ids_of
from sessiondoctor.stores.contract import kind_named, peers
from sessiondoctor.stores.declared import sources
from sessiondoctor.stores.keys import patterns
from sessiondoctor.stores.search import Search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Options
    from sessiondoctor.evidence.entry.resumed import Stored
    from sessiondoctor.evidence.nodes.replay import CellState
    from sessiondoctor.probes.browser.target import Target
    from sessiondoctor.topology.model import Topology

USUAL_LIFE_S: Final = 1200.0
"""The shortest idle timeout that is a product's default: ASP.NET's 20 minutes."""

_LOOKS = 4
_TRIES = 3  # to see a session that was just left; a site that keeps none of three has a fault that needs no deploy
_MOST_NODES = 12
_HOW = "`sessiondoctor collect --leave-session FILE` before a deploy, `--resume FILE` after it"


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if a session was left."""
    if options.left is None:
        yield Absent(Resumed, "site", "no session was left before a deploy", _HOW)
        return
    yield Probe(
        evidence=Resumed,
        subject="site",
        describe="the session that was left, read again",
        contacts={**_requests(topology), **_commands(topology)},
        ask=resume,
        turn=-1,
        timeout_s=timeout_of(options),
    )


def _requests(topology: Topology) -> dict[str, int]:
    once = REDIRECTED * recipe_of(topology.site.flow).read_requests
    total = Counter({entry(topology).authority: _LOOKS * once})
    for node in asked(topology)[:_MOST_NODES]:
        total[target(node).authority] += once
    return dict(total)


def _commands(topology: Topology) -> dict[str, int]:
    return {
        place: kind.COST.search + kind.COST.each
        for source in sources(topology)
        if (kind := kind_named(source.kind))
        for place in peers(source.kind, source.urls)
    }


async def resume(ctx: Context) -> Resumed:
    """The state of the session that was left: first in the stores, where nobody can end it, then at the site.

    Raises:
        Unavailable: it is of another target, or nothing says how the state of a session is seen.
    """
    left = ctx.options.left
    assert left
    looking = _Looking(ctx, recipe_of(ctx.topology.site.flow))
    if not looking.recipe.declared:
        raise Unavailable("nothing says how the state of a session is seen", hint="declare site.flow: write and read")
    if left.target != ctx.topology.site.url:
        raise Unavailable(f"the session was left at {left.target}", hint="resume it with the target it was left with")
    age_s = max(0.0, time.time() - left.left_at)
    stored: Stored = await _stored(ctx, left) if left.prefixes else "unknown"
    home = replace(entry(ctx.topology), url=left.url)
    budget = Budget(_LOOKS * REDIRECTED * looking.recipe.read_requests, timeout_of(ctx.options))
    site = [await looking.state(left, home, budget) for _ in range(_LOOKS)]
    nodes = {node.name: await looking.state(left, target(node)) for node in asked(ctx.topology)[:_MOST_NODES]}
    cookie = left.cookie
    known = recognise_session(cookie.name, cookie.value) if cookie else None
    return Resumed(
        left_at=left.left_at,
        age_s=round(age_s, 1),
        life_s=left.life_s or ctx.topology.site.idle_timeout or USUAL_LIFE_S,
        cookie=left.session,
        site=tuple(site),
        nodes=nodes,
        stored=stored,
        signed=bool(known and known.signed),
        holds_state=bool(known and known.holds_state),
    )


async def leave(ctx: Context) -> LeftSession:
    """Makes a session as a user does, sees that it is kept, and leaves it.

    Nobody logs out of it, and its cookies count as never expiring: whether it survives is the server's business.

    Raises:
        Unavailable: it cannot be made, or is not even kept now.
    """
    looking = _Looking(ctx, recipe_of(ctx.topology.site.flow))
    if not looking.recipe.declared:
        raise Unavailable("nothing says how the state of a session is seen", hint="declare site.flow: write and read")
    client, made = await looking.made()
    left = LeftSession(
        target=ctx.topology.site.url,
        url=client.target.url,
        left_at=time.time(),
        key=ctx.redactor.key,
        session=roles_of(made.settings, ctx.topology).session,
        cookies=client.jar.all(),
        values=dict(client.values),
    )
    if "kept" not in [await looking.state(left, client.target) for _ in range(_TRIES)]:
        raise Unavailable("a session is not even kept now", hint="`sessiondoctor scan` says why")
    found, _ = await _found(ctx, left, ())
    lives = [life for _, life in found if life and life > 0]
    prefixes = tuple(dict.fromkeys(prefix for prefix, _ in found))
    return replace(left, left_at=time.time(), prefixes=prefixes, life_s=min(lives, default=None))


@dataclass(frozen=True, slots=True)
class _Looking:
    """Makes a session, and looks at one."""

    ctx: Context
    recipe: Recipe

    async def made(self) -> tuple[Client, FlowResult]:
        """A session with state, at where the public entry leads to.

        Raises:
            Unavailable: the site did not answer, or the flow did not go through.
        """
        home, flow = entry(self.ctx.topology), self.ctx.topology.site.flow
        client = Client.of(self.ctx, home, RawJar())
        opened = await client.open()
        if opened.response is None:
            raise Unavailable(opened.trouble)
        client = client.at(home.moved_to(opened.response.url))
        if flow.accounts:
            client.values.update(flow.accounts[0])
        steps = (*flow.login, *self.recipe.write)
        done = await client.steps(steps) if steps else opened
        if not done.ok:
            raise Unavailable(f"no session can be made: {done.trouble}")
        return client, FlowResult((*opened.results, *done.results))

    async def state(self, left: LeftSession, to: Target, budget: Budget | None = None) -> CellState:
        """What one look shows, with the cookies that it was left with."""
        client = Client.of(self.ctx, to, RawJar(left.cookies), budget=budget)
        client.values = dict(left.values)
        try:
            seen = await client.steps(self.recipe.read)
        except Spent:
            return "unknown"
        if seen.response is not None and seen.status >= SERVER_ERROR:
            return "error"
        return read_state(self.recipe, seen).settled(works=True).state


async def _stored(ctx: Context, left: LeftSession) -> Stored:
    found, blind = await _found(ctx, left, tuple(f"{prefix}*" for prefix in left.prefixes))
    return "there" if found else "unknown" if blind else "gone"


async def _found(ctx: Context, left: LeftSession, earlier: Sequence[str]) -> tuple[list[tuple[str, float | None]], str]:
    """Prefix and seconds to live of its keys, by `earlier` patterns as well; and why not everything was searched."""
    cookie = left.cookie
    ids = ids_of(SetCookie(cookie.name, cookie.value)) if cookie else ()
    if not ids or not sources(ctx.topology):
        return [], "the cookie does not tell the key, or no store is declared"
    async with AsyncExitStack() as stack:
        search = Search((*patterns(ctx.topology), *earlier))
        try:
            await search.open(sources(ctx.topology), ctx, stack)
            keys = await search.find(ids)
            return [((await key.place()).prefix, await key.ttl_s()) for key in keys], search.blind
        except Unavailable as trouble:
            return [], trouble.reason
