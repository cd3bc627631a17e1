"""Is a session kept as long as its cookie, or as long as it is meant to live?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    Configs,
    Fact,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    check,
)  # fmt: skip

KEEPS = {"session.gc_maxlifetime", "gc_maxlifetime"}


@check(severity=Severity.HIGH)
def stored_life_below_cookie(configs: Configs, topology: Topology) -> Verdicts:
    """The store is configured to keep sessions shorter than their cookies.

    PHP's `session.gc_maxlifetime` or a store's TTL, compared with the cookie's life and with `site.idle_timeout`: users
    who pause for longer are logged out, although their cookie is good.
    """
    kept = list(_kept(configs))
    asked = list(_asked(configs, topology))
    if not kept or not asked:
        raise NotApplicable("no given file says both how long sessions are kept and how long they are to live")
    short = False
    for owner, life, fact, name in kept:
        for other, wanted, what in asked:
            if other in {"", owner} and life < wanted:
                short = True
                yield Problem(f"{name} keeps a session {life:g} s without a request; {what} lives {wanted:g} s",
                              subject=owner, where=(owner,), at=fact.at, detail=name)  # fmt: skip
                break
    if not short:
        yield Fine("sessions are kept as long as they are to live")


def _kept(configs: Configs) -> Iterator[tuple[str, float, Fact, str]]:
    for idle in configs.session_idles:
        if idle.setting in KEEPS:
            yield idle.owner, idle.seconds, idle, idle.setting
    for store in configs.kept_sessions():
        if store.ttl_s and store.place in {"redis", "memcached"} and store.stack == "express":
            yield store.owner, store.ttl_s, store, "the store's ttl"


def _asked(configs: Configs, topology: Topology) -> Iterator[tuple[str, float, str]]:
    for cookie in configs.session_cookies:
        if cookie.cookie.life_s:
            yield cookie.owner, cookie.cookie.life_s, "the cookie"
    if topology.site.idle_timeout:
        yield "", float(topology.site.idle_timeout), "a session"
