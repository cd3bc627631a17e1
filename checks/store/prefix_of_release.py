"""Does the key prefix outlive a release?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

PLAIN = {"sql", "cookie", "files"}


@check(severity=Severity.HIGH)
def prefix_of_release(configs: Configs) -> Verdicts:
    """Each release gives session keys another prefix.

    Each release looks for sessions under a prefix of its own: all users are logged out at each deploy, and nodes of two
    releases do not know each other's sessions. Laravel keeps sessions in Redis or memcached through its cache, whose
    prefix they get.
    """
    stores = {one.place for one in configs.kept_sessions()}
    prefixes = [one for one in configs.settings if one.name == "prefix" and one.scope == "cache"]
    if not prefixes or (stores and stores <= PLAIN):
        if stores and any(one.prefix for one in configs.kept_sessions()):
            yield Fine("the prefix is a fixed word")
            return
        raise NotApplicable("no given file computes a key prefix that sessions have")
    for one in prefixes:
        yield Problem(f"the prefix of cache and session keys is computed with {one.value}(), so that each release has "
                      "its own", subject=one.owner, where=(one.owner,), at=one.at)  # fmt: skip
