"""Session files in a folder: PHP, Django, Tomcat, Rails, Express, Flask; the functions of `stores.contract.Kind`.

A folder is looked at on the machine that sessiondoctor runs on: a node's own, or one that all nodes mount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.errors import Unreachable
from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.stores.contract import Cost
from sessiondoctor.stores.files.counting import take as census
from sessiondoctor.stores.files.keyspace import keyspaces
from sessiondoctor.stores.files.walk import MOST_FILES, aside, folder_of, insist_on_folder, places

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.topology.model import Store

__all__ = ["COST", "census", "keyspaces", "places", "reach"]

# Files looked at; a session is some ten likely names.
COST = Cost(reach=1, census=MOST_FILES, search=MOST_FILES, each=60)


async def reach(store: Store, ctx: Context) -> StoreReach:
    """Whether the folder answers.

    Raises:
        Unavailable: it is not on this machine.
    """
    del ctx
    folder = folder_of(store.url[0])
    try:
        await aside(folder, lambda: insist_on_folder(folder))
    except Unreachable as trouble:
        return StoreReach(store.name, folder, answers=False, trouble=trouble.trouble, reason=trouble.reason)
    return StoreReach(store.name, folder, answers=True)
