"""Is the secret that protects cookies the same after a restart, and in every process?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Secret, Severity, Verdicts, check

SIGNING = {"session", "token", "csrf", "cookie-encryption", "view-state"}


@check(severity=Severity.HIGH)
def secret_made_at_start(configs: Configs) -> Verdicts:
    """The secret that protects sessions is made anew at each start.

    Random bytes in start-up code, or a product that makes a secret where none is set and does not keep it: every
    restart logs everybody out, and several processes or replicas do not accept each other's sessions.
    """
    secrets = [one for one in configs.secrets if one.use in SIGNING]
    if not secrets:
        raise NotApplicable("no given file sets a secret")
    made = [one for one in secrets if "made-at-start" in {one.origin, one.fallback}]
    for secret in made:
        yield Problem(_text(secret), subject=secret.owner, where=(secret.owner,), at=secret.at, detail=secret.variable)
    if not made:
        yield Fine("secrets come from the configuration or the environment")


def _text(secret: Secret) -> str:
    name = secret.variable or "the secret"
    if secret.origin == "made-at-start":
        return f"{name} is made anew at each start"
    return f"{name} is made anew at each start unless it is set"
