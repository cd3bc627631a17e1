"""A session that is made larger and larger by the declared flow, until something does not bear it.

What fails is tried on a node without the proxies in front of it, and once more with a new session; not where a large
cookie explains it: a balancer may take a node out for each answer that does not fit its buffer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.flows.growth import Growth, SizeStep
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.formats import refusals
from sessiondoctor.probes.browser.accounts import SITE
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.recipe import Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, landings, timeout_of
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.client import Client


KIB = 1024
SIZES = (1 * KIB, 4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB)
"""What declaring `grow` consents to, in bytes."""

LARGE = (256 * KIB, 1025 * KIB, 1536 * KIB)
"""What needs more consent: below, just above and well above the 1 MiB of a memcached item."""

_LOOKS = 3  # of a session that has not grown yet: what is lost at random must not look like a limit
_LARGE_COOKIE = 2048  # bytes; it does not get so large by chance
_EXTRA = 2  # sessions besides the first one


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if growing is declared; what the user has not consented to is said."""
    flow, recipe = topology.site.flow, recipe_of(topology.site.flow)
    if not flow.grow or not recipe.declared:
        missing = "site.flow.grow" if recipe.declared else "site.flow.grow, write and read"
        yield Absent(Growth, "site", "no way to make a session larger is declared", f"declare {missing}")
        return
    entry_point, sizes = entry(topology), sizes_of(options)
    yield Probe(
        evidence=Growth,
        subject="site",
        describe=f"a session grown from 1 KiB to {sizes[-1] // KIB} KiB through {entry_point.authority}",
        contacts=bounds_of(topology, sizes).contacts(topology),
        ask=grow,
        needs=(Rehearsal,),
        turn=2,
        timeout_s=timeout_of(options),
    )
    if not options.allows("interact"):
        yield Absent(Growth, "large", f"sessions above {SIZES[-1] // KIB} KiB are not tried", "add --allow interact")


def sizes_of(options: Options) -> tuple[int, ...]:
    """The sizes that the user consents to, smallest first."""
    return (*SIZES, *LARGE) if options.allows("interact") else SIZES


def bounds_of(topology: Topology, sizes: tuple[int, ...]) -> Bounds:
    """The most requests: of the ladder, of a second session through the entry, and of one on a node."""
    recipe, steps = recipe_of(topology.site.flow), len(topology.site.flow.grow)
    size_step = steps + recipe.read_requests
    new = recipe.write_requests + _LOOKS * recipe.read_requests
    nodes: Counter[str] = Counter()
    for node in asked(topology)[:1]:
        nodes[target(node).authority] = REDIRECTED * (new + size_step)
    through_entry = REDIRECTED * (_EXTRA * new + (len(sizes) + 1) * size_step)
    return Bounds(landings(topology, _EXTRA) + through_entry, nodes)


async def grow(context: Context) -> Growth:
    """Climb until something fails.

    Raises:
        Unavailable: a session does not live even before it grows, so that its size cannot be what ends it.
    """
    sizes = sizes_of(context.options)
    climber = _SizeLadder(Callers.within(bounds_of(context.topology, sizes), context), context.topology)
    try:
        return await climber.climb(sizes)
    except Spent:
        raise Unavailable("there was not enough time for the size test", hint="raise --deadline") from None


@dataclass(frozen=True, slots=True)
class _SizeLadder:
    """Makes sessions and makes them larger."""

    callers: Callers
    topology: Topology

    @property
    def recipe(self) -> Recipe:
        """How a session is made and looked at."""
        return recipe_of(self.topology.site.flow)

    async def climb(self, sizes: tuple[int, ...]) -> Growth:
        """One session, size by size; the size at which it fails again, and on a node."""
        client, size_steps = await self._at_site(), []
        for size in sizes:
            size_steps.append(await self._rung(client, size))
            if not size_steps[-1].lives:
                break
        if size_steps[-1].lives:
            return Growth(tuple(size_steps), sizes[-1])
        node, direct = await self._directly(size_steps[-1].size)
        explained = size_steps[-1].refused or (direct and direct.lives and direct.cookie_bytes > _LARGE_COOKIE)
        again = None if explained else await self._rung(await self._at_site(1), size_steps[-1].size)
        return Growth(tuple(size_steps), sizes[-1], again, direct, node)

    async def _directly(self, size: int) -> tuple[str, SizeStep | None]:
        """A session on the first node that is made so large; None if there is no such session."""
        for node in asked(self.topology)[:1]:
            client = self.callers.at_node(node)
            if not await self._trouble_of_new(client, node.name):
                return node.name, await self._rung(client, size)
        return "", None

    async def _at_site(self, number: int = 0) -> Client:
        client, landing = await self.callers.landed()
        trouble = landing.trouble if landing.response is None else await self._trouble_of_new(client, SITE, number)
        if trouble:
            raise Unavailable(f"even a small session is not kept: {trouble}")
        return client

    async def _trouble_of_new(self, client: Client, place: str, number: int = 0) -> str:
        """Make a session, look at it a few times; what is wrong with it, if anything."""
        made = await self.callers.begin(client, self.recipe, place, number)
        if not made.ok:
            return made.trouble
        for _ in range(_LOOKS):
            look = await client.steps(self.recipe.read)
            if read_state(self.recipe, look).state != "kept":
                return look.trouble or "the state is lost"
        return ""

    async def _rung(self, client: Client, size: int) -> SizeStep:
        """Make the session so large and see what is left of it."""
        client.values["bytes"] = str(size)
        grown = await client.steps(self.topology.site.flow.grow)
        look = await client.steps(self.recipe.read)
        settings = [one for one in (*grown.settings, *look.settings) if not one.deletes]
        refused = (one.cookie.name for one in settings if one.refused == refusals.TOO_LARGE)
        return SizeStep(
            size=size,
            grew=grown.ok,
            status=grown.status,
            state=read_state(self.recipe, look).settled(works=True).state,
            look_status=look.status,
            cookie_bytes=max((one.cookie.size for one in settings), default=0),
            refused=next(refused, ""),
            trouble=grown.trouble or look.trouble,
        )
