"""Does a CDN keep pages of sessions under a key without cookies?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check

SETTING = "cache-key/cookies"
TELLING = {"other-users-data", "state-flaps"}


@check(severity=Severity.CRITICAL)
def cache_key_lacks_cookies(configs: Configs, topology: Topology) -> Verdicts:
    """A CDN keeps responses under a key that has no cookie.

    The first user's page is then everybody's, with its Set-Cookie. Such a policy is right for what is everybody's:
    it is a fault only where users are reported to see what is another's.
    """
    policies = [one for one in configs.settings if one.name == SETTING and one.value]
    if not policies:
        raise NotApplicable("no given file has a cache policy of a CDN")
    if not TELLING & set(topology.symptoms):
        raise NotApplicable("a key without cookies is right for what is everybody's, and nobody reports another's data")
    for policy in policies:
        what = f"the cache policy {policy.scope}" if policy.scope else "a cache policy"
        if policy.value == "none":
            yield Problem(f"{what} has no cookie in its key", subject=policy.owner, at=policy.at, detail=policy.scope)
        else:
            yield Fine(f"{what} has cookies in its key", subject=policy.owner)
