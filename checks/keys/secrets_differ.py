"""Have all nodes the same secret?"""

from collections import Counter

from sessiondoctor.api import Fine, Inconclusive, Problem, SecretPrints, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def secrets_differ(secrets: SecretPrints) -> Verdicts:
    """Nodes have different secrets.

    Compares salted fingerprints of the variables named by `nodes[].secret_env`; no secret is shown.
    """
    counts = Counter(secrets.prints.values())
    if len(secrets.prints) < 2:  # two nodes are compared
        raise Inconclusive("the secret of one node alone is known")
    if len(counts) < 2:  # one print: all alike
        yield Fine(f"{len(secrets.prints)} nodes have one secret")
        return
    common, _ = counts.most_common(1)[0]
    odd = sorted(node for node, fingerprint in secrets.prints.items() if fingerprint != common)
    yield Problem(f"{', '.join(odd)} and the other nodes have different secrets", where=tuple(odd))
