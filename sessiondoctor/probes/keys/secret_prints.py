"""The nodes' signing secrets, compared by salted fingerprints; they come from sessiondoctor's own environment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.keys.secret_prints import SecretPrints
from sessiondoctor.formats.signature import needs_library, verifies
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.results import Setting
    from sessiondoctor.probes.responses.cookie_roles import Roles
    from sessiondoctor.topology.model import Node, Topology

_INSTALL = "pip install 'sessiondoctor[cookies]'"


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One comparison; it needs two secrets and contacts nobody."""
    nodes = [node for node in topology.nodes if node.secret_env]
    if len(nodes) > 1:
        names = ", ".join(node.name for node in nodes)
        yield Probe(SecretPrints, "site", f"the secrets of {names}, from the environment", {}, partial(compare, nodes))
        return
    reason = "secrets of fewer than two nodes are declared"
    yield Absent(SecretPrints, "site", reason, "declare nodes[].secret_env: the variable that holds a node's secret")


async def compare(nodes: list[Node], ctx: Context) -> SecretPrints:
    """The fingerprints.

    Raises:
        Unavailable: a variable is missing.
    """
    missing = [node.secret_env for node in nodes if not ctx.environ.get(node.secret_env)]
    if missing:
        raise Unavailable(f"the environment has no {', '.join(missing)}", hint="set it, or take it out of the topology")
    return SecretPrints({node.name: ctx.redactor.fingerprint(ctx.environ[node.secret_env]) for node in nodes})


def signers(ctx: Context, roles: Roles, settings: Sequence[Setting]) -> tuple[str, ...] | None:
    """The nodes whose declared secret verifies the session cookie among these; None where that cannot be told."""
    setting = roles.handed_out(settings)
    if setting is None or setting.deletes:
        return None
    companions = {one.cookie.name: one.cookie.value for one in settings}
    answers = {
        node.name: verifies(ctx.environ.get(node.secret_env, ""), setting.cookie.name, setting.cookie.value, companions)
        for node in ctx.topology.nodes
        if node.secret_env
    }
    if not answers or None in answers.values():
        return None
    return tuple(name for name, answer in answers.items() if answer)


def unverified(ctx: Context, roles: Roles, settings: Sequence[Setting]) -> str:
    """What is missing here to verify the session cookie among these by the declared secrets; empty if nothing is."""
    setting = roles.handed_out(settings)
    declared = any(ctx.environ.get(node.secret_env) for node in ctx.topology.nodes if node.secret_env)
    if setting is None or not declared or not needs_library(setting.cookie.name, setting.cookie.value):
        return ""
    return f"an encrypted session cookie needs the library cryptography: {_INSTALL}"
