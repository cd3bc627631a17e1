"""Hazelcast's REST API: `/hazelcast/health` (group HEALTH_CHECK) and `/hazelcast/rest/cluster` (group CLUSTER_READ).

Hazelcast Platform documentation, "Using the REST Endpoint Groups"; seen with 5.5. Backups are not told there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.members.views import MemberView
from sessiondoctor.probes.browser.json_page import at, entries, parse_json, words

if TYPE_CHECKING:
    from collections.abc import Sequence


def urls(url: str) -> tuple[str, ...]:
    """Both pages."""
    parts = urlsplit(url)
    return tuple(parts._replace(path=f"/hazelcast/{page}", query="").geturl() for page in ("health", "rest/cluster"))


def read(texts: Sequence[str], node: str) -> MemberView:
    """Who is in the cluster; their number alone, where only health is told.

    Raises:
        Unavailable: neither is told.
    """
    size = at(parse_json(texts[0]), "clusterSize")
    members = [one for one in entries(at(parse_json(texts[1]), "members")) if words(at(one, "address"))]
    if type(size) is not int and not members:
        raise Unavailable(
            "the response is not from Hazelcast's REST API", hint="enable its groups HEALTH_CHECK and CLUSTER_READ"
        )
    addresses = {_address(words(at(one, "address"))): at(one, "localMember") is True for one in members}
    return MemberView(
        node=node,
        product="hazelcast",
        address=next((address for address, own in addresses.items() if own), ""),
        members=tuple(sorted(addresses)) if addresses else None,
        size=len(addresses) or max(0, size),
    )


def _address(told: str) -> str:
    """`[10.0.0.1]:5701` without the brackets of an IPv4 address."""
    host, _, port = told.rpartition(":")
    return f"{host.strip('[]')}:{port}" if host.count(":") < 2 else told
