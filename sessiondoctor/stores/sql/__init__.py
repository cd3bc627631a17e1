"""SQL databases with a table of sessions: PostgreSQL, MySQL, MariaDB, SQLite; the functions of `stores.contract.Kind`.

Read replicas (`stores[].replicas`) are not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.stores.contract import Cost
from sessiondoctor.stores.sql.address import places
from sessiondoctor.stores.sql.client import HANDSHAKE, PROLOGUE, connect
from sessiondoctor.stores.sql.counting import MOST, take
from sessiondoctor.stores.sql.keyspace import keyspaces
from sessiondoctor.stores.sql.refusal import SqlTrouble

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sessiondoctor.context import Context
    from sessiondoctor.evidence.stores.census import Census
    from sessiondoctor.topology.model import Store

__all__ = ["COST", "census", "keyspaces", "places", "reach"]

# A session is one row in each table of sessions, asked for and watched.
COST = Cost(reach=HANDSHAKE + PROLOGUE + 1, census=MOST, search=MOST, each=40 * (PROLOGUE + 1))
_NOT_REACHED = {"refused", "timeout", "dns", "tls", "closed", "auth"}


async def reach(store: Store, ctx: Context) -> StoreReach:
    """Whether the database lets us in. A refusal is an observation.

    Raises:
        Unavailable: the driver is missing, or its file is not on this machine.
    """
    first = (*places(store.url), "")[0]
    try:
        async with connect(store.url, ctx.redactor) as link:
            await link.ask(_one)
            return StoreReach(store.name, link.place, answers=True)
    except SqlTrouble as trouble:
        kind = {"busy": "refused"}.get(trouble.why, trouble.why if trouble.why in _NOT_REACHED else "auth")
        return StoreReach(store.name, first, answers=False, trouble=kind, reason=trouble.reason)


async def census(store: Store, ctx: Context) -> Census:
    """Counts the sessions in every table of them.

    Raises:
        Unavailable: the database does not answer, or has no such table.
    """
    return await take(store, ctx)


def _one(connection: Connection) -> int:
    from sqlalchemy import literal, select

    return int(connection.execute(select(literal(1))).scalar_one())
