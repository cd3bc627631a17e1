"""Have all nodes the same secret?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    Configs,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Secret,
    SecretPrints,
    Severity,
    Topology,
    Verdicts,
    check,
    compared,
    odd_ones,
)

SIGNING = {"session", "token", "csrf", "cookie-encryption", "view-state"}


@check(severity=Severity.CRITICAL)
def secrets_differ(secrets: SecretPrints | None, configs: Configs | None, topology: Topology) -> Verdicts:
    """Nodes have different secrets.

    Compares salted fingerprints of the variables named by `nodes[].secret_env`, and of the secrets that each node's
    files set literally; no secret is shown. Of files without an owner's name only where users lose sessions.
    """
    found = [*_declared(secrets), *_configured(configs or Configs(), any_file=bool(topology.symptoms))]
    if not secrets and not (configs and configs.secrets):
        raise NotApplicable("no secret is known", hint="declare nodes[].secret_env, or give each node's configuration")
    if not found:
        raise Inconclusive("the secret of one node alone is known")
    yield from found


def _declared(secrets: SecretPrints | None) -> Iterator[Problem | Fine]:
    prints = secrets.prints if secrets else {}
    if len(prints) < 2:  # two nodes are compared
        return
    odd, _ = odd_ones(prints)
    if odd:
        yield Problem(f"{', '.join(odd)} and the other nodes have different secrets", where=odd)
    else:
        yield Fine(f"{len(prints)} nodes have one secret")


def _configured(configs: Configs, *, any_file: bool) -> Verdicts:
    """One answer for each setting that two owners have."""
    literal = tuple(one for one in configs.secrets if one.use in SIGNING and one.print)
    settings: dict[tuple[str, str], dict[str, Secret]] = {}
    for owner, mine in configs.by_owner(literal, any_file=any_file).items():
        for secret in mine:
            settings.setdefault((secret.use, secret.variable), {})[owner] = secret
    for (_, name), told in settings.items():
        if len(told) > 1:
            yield from _compared(name, told)


def _compared(name: str, told: dict[str, Secret]) -> Verdicts:
    prints, what = {owner: secret.print for owner, secret in told.items()}, name or "secret"
    return compared(
        prints,
        told,
        lambda owner, _: f"{owner} has another {what} than the other nodes",
        f"the nodes have one {what}",
        detail=name,
    )
