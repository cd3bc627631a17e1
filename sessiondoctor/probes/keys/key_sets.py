"""Key sets by OpenID Connect Discovery 1.0, section 4: `/.well-known/openid-configuration` names the set.

Each node must publish the keys of all: whoever verifies a token asks any of them through the balancer.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import Unavailable, Undeclared, UsageError
from sessiondoctor.evidence.keys.key_sets import KeySets, PublishedKeys
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.wire.address import below, split_url
from sessiondoctor.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.target import Target
    from sessiondoctor.topology.model import Topology

DISCOVERY = "/.well-known/openid-configuration"
_TIMES = 4  # asked of the public entry: two nodes in turn, or by chance, show each
_MOST_NODES = 20
_MOST_KEYS = 100
_LONGEST_ID = 200
_OK = 200
_NAMED = ("kty", "n", "e", "crv", "x", "y")  # RFC 7638, 3.2: what a key's thumbprint is made of


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe: of the nodes, else of the public entry."""
    if not topology.site.url:
        yield Absent(KeySets, "site", "no site is known", "scan a URL")
        return
    places = [at for _, at in _places(topology)]
    contacts = Counter(at.authority for at in places) + Counter({places[0].authority: 1})
    names = f"{len(places)} nodes" if asked(topology) else places[0].authority
    yield Probe(KeySets, "site", f"the key set of {names}, if {DISCOVERY} names one", dict(contacts), read)


def _places(topology: Topology) -> list[tuple[str, Target]]:
    nodes = asked(topology)[:_MOST_NODES]
    return [(node.name, target(node)) for node in nodes] or [("", entry(topology))] * _TIMES


async def read(context: Context) -> KeySets:
    """The sets; nobody is asked a second thing where the first has no configuration.

    Raises:
        Undeclared: the site publishes no OpenID configuration.
        Unavailable: it does, and no key set can be read.
    """
    places = _places(context.topology)
    path = await _set_path(places[0][1], context)
    found = await asyncio.gather(*(_keys(name, at, path, context) for name, at in places))
    answers = tuple(one for one in found if one)
    if not answers:
        raise Unavailable("the key set that the OpenID configuration names cannot be read")
    return KeySets(answers)


async def _set_path(at: Target, context: Context) -> str:
    """The path of the key set, to be asked of each place; its host may be the public name."""
    document = await _json(below(at.url, DISCOVERY), at, context)
    named = document.get("jwks_uri")
    try:
        path = split_url(named).path if isinstance(named, str) else ""
    except UsageError:
        path = ""
    if not path:
        hint = "declare nodes[].jwks where tokens are verified by key sets"
        raise Undeclared(f"the site has no {DISCOVERY}", hint=hint)
    return path


async def _keys(name: str, at: Target, path: str, context: Context) -> PublishedKeys | None:
    keys = (await _json(f"{split_url(at.url).origin}{path}", at, context)).get("keys")
    listed = [key for key in keys[:_MOST_KEYS] if isinstance(key, dict)] if isinstance(keys, list) else []
    return PublishedKeys(name, tuple(sorted(map(_id, listed)))) if listed else None


def _id(key: dict[str, Any]) -> str:
    kid = key.get("kid")
    if isinstance(kid, str) and kid:
        return "".join(filter(str.isprintable, kid))[:_LONGEST_ID]
    named = json.dumps({name: key.get(name) for name in _NAMED}, sort_keys=True)
    return f"hash:{hashlib.sha256(named.encode()).hexdigest()[:16]}"


async def _json(url: str, at: Target, context: Context) -> dict[str, Any]:
    """The document, by a connection of its own; empty where there is none."""
    try:
        response = await context.wire.send(Request(url, headers=at.headers), trust=at.trust)
        document = json.loads(response.body) if response.status == _OK else None
    except (Unavailable, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
