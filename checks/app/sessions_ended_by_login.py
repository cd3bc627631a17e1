"""Do the logins of the scan leave each other's sessions alone?"""

from collections.abc import Iterable

from sessiondoctor.api import (
    AccountUse,
    EntryPoints,
    EntryReplay,
    Fine,
    Forms,
    Growth,
    Inconclusive,
    Located,
    Logins,
    MemcachedServer,
    NotApplicable,
    Problem,
    RedisServer,
    Replay,
    SameNode,
    Severity,
    StepTests,
    Updates,
    Verdicts,
    Visits,
    check,
)


@check(
    severity=Severity.MEDIUM,
    role="blocks",
    blocks=(Visits, Replay, Logins, Forms, Growth, Updates, EntryPoints, Located, SameNode, StepTests, EntryReplay),
)
def sessions_ended_by_login(
    use: AccountUse, servers: tuple[RedisServer, ...] | None, caches: tuple[MemcachedServer, ...] | None
) -> Verdicts:
    """A later login of the account ends its earlier sessions.

    Many products keep a few sessions a user, or one. The scan logs in several times, so that sessions which it lost
    that way say nothing about nodes and stores. Seen where sessions were known at every request up to a login, and at
    none right after it.
    """
    if not use.logins:
        raise NotApplicable("nobody logged in")
    if not use.ended:
        yield Fine("no login of the scan ended another session of its account", power=0.5)
        return
    if _evicts(servers or (), caches or ()):
        raise Inconclusive("sessions ended when others began, and a store evicts meanwhile")
    what = "a session" if use.ended == 1 else f"{use.ended} sessions"
    yield Problem(
        f"this account may have few sessions at once: {what} ended when it logged in again, so that the losses seen "
        "may be the scan's own; declare several accounts: site.flow.accounts",
        seen={"logins": use.logins, "accounts": use.accounts, "ended": use.ended},
    )


def _evicts(servers: Iterable[RedisServer], caches: Iterable[MemcachedServer]) -> bool:
    """Whether a store lost entries for want of memory while the scan ran."""
    return any(one.evicted_delta for one in servers) or any(one.evicted_delta for one in caches)
