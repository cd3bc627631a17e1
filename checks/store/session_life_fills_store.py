"""Do abandoned sessions leave the store in reasonable time?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

LONG_S = 90 * 86400  # every visitor and every crawler of a quarter
IN_MEMORY = {"redis", "memcached"}
TAKEN_FROM_COOKIE = {"express"}  # connect-redis and its like keep a session as long as its cookie


@check(severity=Severity.MEDIUM)
def session_life_fills_store(configs: Configs) -> Verdicts:
    """Sessions are kept for months in an in-memory store.

    Each visit without a cookie leaves a session for that long: memory fills up, then the store refuses writes or
    deletes sessions. connect-redis takes the life from the cookie's maxAge.
    """
    places = {one.place for one in configs.kept_sessions()}
    lives = [(one.ttl_s, one) for one in configs.kept_sessions() if one.ttl_s and one.place in IN_MEMORY]
    idles = [(one.seconds, one) for one in configs.session_idles if one.stack in TAKEN_FROM_COOKIE]
    known = [*lives, *idles]
    if not known or (places and not places & IN_MEMORY):
        raise NotApplicable("no given file says how long a store in memory keeps sessions")
    long = [(life, fact) for life, fact in known if life >= LONG_S]
    for life, fact in long:
        yield Problem(f"a session is kept for {life / 86400:.0f} days in an in-memory store", subject=fact.owner,
                      where=(fact.owner,), at=fact.at)  # fmt: skip
    if not long:
        yield Fine("sessions leave the store in reasonable time")
