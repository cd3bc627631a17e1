"""JSON Web Tokens: one of each node, tried with the key set of every node.

joserfc verifies; a token itself, and the keys, stay in here.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import Unavailable, Undeclared
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.evidence.keys.tokens import Token, Tokens
from sessiondoctor.evidence.network.clocks import Reading
from sessiondoctor.formats.encoded import unescaped
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.formats.jwt import Claims, read_jwt
from sessiondoctor.probes.browser.accounts import Accounts
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import recipe_of
from sessiondoctor.probes.browser.targets import headers_for
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.signed_dates import issuer_clock
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.topology.model import Node, Topology

_MOST_KEYS = 100
_MOST_NODES = 20
_LONGEST_ID = 200
_LONGEST_NUMBER = 1366  # characters of base64url: 8192 bits
_LONGEST_EXPONENT = 44
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe over the nodes that declare their key set."""
    nodes = [node for node in asked(topology) if node.jwks][:_MOST_NODES]
    if not nodes:
        hint = "declare nodes[].jwks: the URL of the node's JSON Web Key Set, and site.flow.login"
        yield Absent(Tokens, "site", "no JSON Web Key Set is declared", hint)
        return
    names = ", ".join(node.name for node in nodes)
    yield Probe(
        Tokens, "site", f"a token of each of {names}, and their key sets", _contacts(topology, nodes), read,
        needs=(Rehearsal,),
    )  # fmt: skip


def _contacts(topology: Topology, nodes: Sequence[Node]) -> dict[str, int]:
    flow, total = topology.site.flow, Counter[str]()
    for node in nodes:
        total[split_url(node.jwks).origin.authority] += 1
        total[target(node).authority] += max(len(flow.write), 1) * (target(node).redirects + 1)
    return dict(total)


async def read(ctx: Context) -> Tokens:
    """The tokens of all nodes, and who verifies them.

    Raises:
        Undeclared: joserfc is not installed.
        Unavailable: no key set can be read.
    """
    if not find_spec("joserfc"):
        raise Undeclared("tokens are not verified: joserfc is not installed", hint="pip install 'sessiondoctor[jwt]'")
    nodes = [node for node in asked(ctx.topology) if node.jwks][:_MOST_NODES]
    answers = await asyncio.gather(*(_key_set(node, ctx) for node in nodes))
    sets = {node.name: one for node, one in zip(nodes, answers, strict=True) if isinstance(one, _KeySet)}
    trouble = {node.name: one for node, one in zip(nodes, answers, strict=True) if isinstance(one, str)}
    if not sets:
        raise Unavailable("no key set can be read: " + "; ".join(trouble.values()))
    issued = await asyncio.gather(*(_issued(node, ctx) for node in nodes))
    tokens = tuple(_judged(node.name, one, sets) for node, one in zip(nodes, issued, strict=True) if one)
    return Tokens(tokens, {name: one.ids for name, one in sets.items()}, trouble)


@dataclass(frozen=True, slots=True)
class _KeySet:
    """The keys of a node, ready to verify: a `joserfc.jwk.KeySet`."""

    ids: tuple[str, ...]
    keys: Any


@dataclass(frozen=True, slots=True)
class _Issued:
    """A token as it came; `at` is unix seconds by our clock; `clock` is the node's by `iat`."""

    text: str
    claims: Claims
    at: float
    clock: Reading | None


async def _key_set(node: Node, ctx: Context) -> _KeySet | str:
    """The node's set, or why there is none."""
    trust = Trust(ca=node.ca) if node.ca else Trust()
    try:
        async with ctx.wire.connection(trust=trust) as connection:
            request = Request(node.jwks, "GET", headers_for(node, node.jwks))
            response = await ctx.wire.send(request, connection=connection)
    except Unavailable as error:
        return error.reason
    if response.status != 200:
        return f"the key set of {node.name} is answered {response.status}"
    return _parsed(response.body) or f"{node.name} serves no JSON Web Key Set there"


def _parsed(body: bytes) -> _KeySet | None:
    """Keys that cannot be used are left out, as RFC 7517, 5 has it."""
    from joserfc.jwk import KeySet

    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    public = [_public(one) for one in listed[:_MOST_KEYS] if isinstance(one, dict)]
    usable = [(one, key) for one in public if (key := _import(one))]
    ids = tuple(str(one.get("kid", ""))[:_LONGEST_ID] for one, _ in usable)
    return _KeySet(ids, KeySet([key for _, key in usable])) if usable else None


def _public(key: dict[str, Any]) -> dict[str, Any]:
    """A key without its private members (RFC 7518, 6.2.2, 6.3.2), from which a library would search for prime factors.

    One that is larger than anybody's is no key: an empty one.
    """
    if any(isinstance(value, str) and len(value) > _LONGEST_NUMBER for value in key.values()):
        return {}
    if isinstance(exponent := key.get("e"), str) and len(exponent) > _LONGEST_EXPONENT:
        return {}
    return {name: value for name, value in key.items() if name not in _PRIVATE}


def _import(key: dict[str, Any]) -> Any | None:
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    with warnings.catch_warnings(action="ignore"):
        try:
            return JWKRegistry.import_key(key)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            return None


async def _issued(node: Node, ctx: Context) -> _Issued | None:
    """A token that the node hands out in a cookie, or that the flow extracts."""
    client = Client.of(ctx, target(node), RawJar())
    turn = await Accounts.of(ctx).begin(client, recipe_of(ctx.topology.site.flow), node.name)
    if turn.response is None:
        return None
    for text in _texts(client, turn):
        if claims := read_jwt(text):
            at, told = turn.response.answered_at, claims.issued_at
            clock = None if told is None else issuer_clock(node.name, "token", told, turn, at)
            return _Issued(text, claims, at, clock)
    return None


def _texts(client: Client, turn: FlowResult) -> Iterator[str]:
    yield from (unescaped(setting.cookie.value) for setting in turn.settings if not setting.deletes)
    yield from client.values.values()


def _judged(node: str, issued: _Issued, sets: Mapping[str, _KeySet]) -> Token:
    claims, at = issued.claims, issued.at
    lifetime = None
    if claims.expires_at is not None and claims.issued_at is not None:
        lifetime = claims.expires_at - claims.issued_at
    return Token(
        node=node,
        algorithm=claims.algorithm,
        key_id=claims.key_id,
        issued_s=_relative(claims.issued_at, at),
        not_before_s=_relative(claims.not_before, at),
        expires_s=_relative(claims.expires_at, at),
        lifetime_s=lifetime,
        clock=issued.clock,
        verified_by=tuple(name for name, one in sets.items() if _verifies(issued, one)),
        unknown_to=tuple(name for name, one in sets.items() if claims.key_id and claims.key_id not in one.ids),
    )


def _relative(unix: float | None, at: float) -> float | None:
    return None if unix is None else round(unix - at, 1)


def _verifies(issued: _Issued, one: _KeySet) -> bool:
    from joserfc import jws
    from joserfc.errors import JoseError

    # It warns of algorithms that are out of fashion, such as EdDSA: which ones nodes use is not our business.
    with warnings.catch_warnings(action="ignore"):
        try:
            jws.deserialize_compact(issued.text, one.keys, algorithms=[issued.claims.algorithm])
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            return False
    return issued.claims.algorithm != "none"
