"""Which node answered: by the declared marker, else by an affinity cookie or route set just now, else by headers."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from sessiondoctor.formats.affinity_cookie import name_node
from sessiondoctor.formats.session_cookie import route_of
from sessiondoctor.formats.set_cookie import parse_set_cookie
from sessiondoctor.probes.flow import pick
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessiondoctor.evidence.visits import NamedBy
    from sessiondoctor.formats.affinity_cookie import Peer
    from sessiondoctor.probes.client import Turn
    from sessiondoctor.topology.model import Topology

_LONGEST = 64
_CHANGING = re.compile(r"(?i)date|age|etag|request|trace|correlation|time|length|expires|modified|nonce|runtime|cookie")
_MOST_NODES = 12


def named(topology: Topology, peers: Sequence[Peer], turn: Turn) -> tuple[str, NamedBy]:
    """The node behind a response and how that is known; empty if nothing says."""
    if turn.response is None:
        return "", ""
    marker = topology.site.flow.node
    if marker:
        text = pick(marker, turn.response, {})[:_LONGEST].strip()
        return (_node(topology, text) or text, "marker") if text else ("", "")
    for setting in turn.settings:
        cookie = parse_set_cookie(setting.header)
        if cookie is None:
            continue
        node = name_node(cookie.name, cookie.value, peers)
        if node:
            return node, "route" if route_of(cookie.name, cookie.value) else "affinity-cookie"
    return "", ""


def _node(topology: Topology, text: str) -> str:
    for node in topology.nodes:
        address = split_url(node.url).origin.authority if node.url else ""
        if text in {node.name, node.route, address}:
            return node.name
    return ""


def clusters(responses: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """A letter for each response by the headers that set groups apart; empty strings unless the groups are clean.

    A header tells nodes apart if it has two to twelve values and each occurs at least twice; the idea is halberd's.
    """
    telling = [name for name in _names(responses) if _tells([headers.get(name, "") for headers in responses])]
    if not telling:
        return ("",) * len(responses)
    keys = [tuple(headers.get(name, "") for name in telling) for headers in responses]
    if not _tells(keys):
        return ("",) * len(responses)
    letters = {key: chr(ord("A") + number) for number, key in enumerate(dict.fromkeys(keys))}
    return tuple(letters[key] for key in keys)


def _names(responses: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted({name for headers in responses for name in headers if not _CHANGING.search(name)})


def _tells(values: Sequence[object]) -> bool:
    counts = Counter(values)
    return 2 <= len(counts) <= _MOST_NODES and min(counts.values()) >= 2  # noqa: PLR2004 - once may be chance
