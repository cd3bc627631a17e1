"""Sessions of experiments: each of its own, with a login of its own where one is declared."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.context import Context
from sessiondoctor.probes.browser.recipe import recipe_of

if TYPE_CHECKING:
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.probes.browser.recipe import Recipe
    from sessiondoctor.probes.browser.results import FlowResult


@dataclass(slots=True)
class Sessions:
    """Makes them: one login at a time, the declared accounts take turns."""

    context: Context
    _login: asyncio.Lock = field(default_factory=asyncio.Lock)
    _logins: int = 0

    @property
    def recipe(self) -> Recipe:
        """How sessions are made and looked at."""
        return recipe_of(self.context.topology.site.flow)

    async def begin(self, client: Client) -> FlowResult:
        """Put state into a new session of this client."""
        flow, recipe = self.context.topology.site.flow, self.recipe
        if not recipe.login:
            return await client.steps(recipe.write)
        async with self._login:
            if flow.accounts:
                client.values.update(flow.accounts[self._logins % len(flow.accounts)])
            self._logins += 1
            turn = await client.steps(flow.login)
        return turn.then(await client.steps(recipe.write)) if turn.ok and recipe.write else turn
