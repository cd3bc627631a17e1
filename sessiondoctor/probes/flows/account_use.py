"""Says at the end what the logins of the scan did to each other; sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sessiondoctor.evidence.flows.account_use import AccountUse
from sessiondoctor.probes.browser.accounts import Accounts
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Topology

LAST: Final = 9
"""After all that may log in."""


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:  # noqa: ARG001 - nothing depends on them
    """One probe, if a login is declared."""
    if not topology.site.flow.login:
        yield Absent(AccountUse, "site", "no login is declared", "declare how to log in: site.flow.login")
        return
    yield Probe(
        evidence=AccountUse,
        subject="site",
        describe="what the logins of the scan did to each other",
        contacts={},
        ask=_ask,
        turn=LAST,
    )


async def _ask(context: Context) -> AccountUse:
    accounts = Accounts.of(context)
    return AccountUse(accounts.logins, max(1, len(accounts.flow.accounts)), accounts.ended_by_login)
