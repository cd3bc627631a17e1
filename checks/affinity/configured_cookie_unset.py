"""Does the balancer follow a cookie that the application sets?"""

from sessiondoctor.api import Affinity, Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH, false_alarm=0.002)
def configured_cookie_unset(configs: Configs) -> Verdicts:
    """The balancer follows a cookie that the application does not set.

    Names of cookies are case-sensitive: `stickysession=jsessionid` finds no JSESSIONID. Judged where the application's
    configuration names its cookie, and where Apache or mod_jk names Tomcat's in lower case alone.
    """
    following = [one for one in configs.affinities if one.by == "app-cookie" and one.how == "name" and one.cookie]
    if not following:
        raise NotApplicable("no given file makes the balancer follow an application's cookie")
    names = {one.cookie.name for one in configs.session_cookies if one.cookie.name}
    wrong = [one for one in following if _misses(one, names)]
    for affinity in wrong:
        sets = ", ".join(sorted(names)) or "JSESSIONID, as every Tomcat does"
        yield Problem(f"the balancer follows {affinity.key}, and the application sets {sets}", subject=affinity.owner,
                      where=(affinity.owner,), at=affinity.at, detail=affinity.pool)  # fmt: skip
    if not wrong:
        yield Fine("nothing says that the application sets another cookie")


def _misses(affinity: Affinity, names: set[str]) -> bool:
    followed = set(affinity.key.split("|"))
    if names:
        return not followed & names
    return affinity.product in {"apache", "mod_jk"} and followed == {"jsessionid"}
