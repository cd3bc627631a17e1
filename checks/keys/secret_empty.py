"""Is the secret that protects sessions set at all?"""

import re

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

MADE = {"data-protection", "view-state"}  # by default; whether each node makes its own, other checks tell
TEMPLATE = re.compile(r"(?:example|sample|dist|template|default|tmpl|stub)", re.IGNORECASE)


@check(severity=Severity.MEDIUM)
def secret_empty(configs: Configs) -> Verdicts:
    """The secret that protects sessions is empty.

    Products then make one of their own at each start, or one for each node, or refuse to start. Files that are
    templates by their name are left out, and keys that a framework makes and keeps by itself.
    """
    given = [one for one in configs.secrets if one.format != "start-up" and one.use not in MADE]
    secrets = [one for one in given if not TEMPLATE.search(one.at.file)]
    if not secrets:
        raise NotApplicable("no given file sets a secret")
    empty = [one for one in secrets if one.origin == "absent"]
    for secret in empty:
        yield Problem(f"{secret.variable or 'the secret'} is empty", subject=secret.owner, where=(secret.owner,),
                      at=secret.at, detail=secret.variable)  # fmt: skip
    if not empty:
        yield Fine("secrets are set")
