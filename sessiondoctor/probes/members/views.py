"""What members of in-memory clusters say of themselves, where the topology says how to ask each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.evidence.members.views import MemberView
from sessiondoctor.probes.browser.admin_page import AdminPage
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.members import hazelcast, jolokia, keycloak, tomcat, wildfly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Management, ManagementKind, Node, Topology

_KEY = "nodes[].management.url"
_TURN = 4  # when the rest of the scan has been counted
_MAY_BE_MISSING: Mapping[ManagementKind, range] = {"hazelcast": range(2), "wildfly": range(1, 3)}
"""Pages, by their place in the list, without which the others still tell something."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How one product tells its state: the URLs from the declared one, and what their texts say of the node."""

    urls: Callable[[str], tuple[str, ...]]
    read: Callable[[Sequence[str], str], MemberView]


READERS: Mapping[ManagementKind, Reader] = {
    "tomcat": Reader(tomcat.urls, tomcat.read),
    "jolokia": Reader(jolokia.urls, jolokia.read),
    "hazelcast": Reader(hazelcast.urls, hazelcast.read),
    "wildfly": Reader(wildfly.urls, wildfly.read),
    "keycloak": Reader(keycloak.urls, keycloak.read),
}


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One look at each node that says where it tells its state; last, so that it has counted what the scan did."""
    told = [(node, node.management) for node in topology.nodes if node.management]
    if not told:
        hint = "declare nodes[].management: {kind: tomcat, url: ...}, where each node tells its members and sessions"
        yield Absent(MemberView, "site", "no management URL of a node is declared", hint)
    for node, management in told:
        contacts = Counter(page.place for page in _pages(management) for _ in range(page.requests))
        ask = partial(look, node, management)
        yield Probe(MemberView, node.name, "what the node says of its cluster and sessions", contacts, ask, turn=_TURN)


async def look(node: Node, management: Management, ctx: Context) -> MemberView:
    """The view of one member.

    Raises:
        Unreachable: it does not answer.
        Unavailable: it does not let us in, or answers something else.
    """
    pages = _pages(management)
    spared = _MAY_BE_MISSING.get(management.kind, range(0))
    texts = [await _text(page, ctx, spared=number in spared) for number, page in enumerate(pages)]
    return READERS[management.kind].read(texts, node.name)


async def _text(page: AdminPage, ctx: Context, *, spared: bool) -> str:
    """The page; nothing for one that may be missing."""
    response = await page.response(ctx)
    if spared and response.status in {403, 404}:
        return ""
    return page.accepted(response).decode("utf-8", "replace")


def _pages(management: Management) -> tuple[AdminPage, ...]:
    bare = AdminPage.of(management.url.reveal(), _KEY)
    return tuple(replace(bare, url=url) for url in READERS[management.kind].urls(bare.url))
