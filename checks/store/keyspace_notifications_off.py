"""Does Redis tell Spring Session when a session ends?"""

from sessiondoctor.api import (
    Census,
    Fine,
    NotApplicable,
    Problem,
    RedisServer,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)

SLACK_S = 300  # what RedisIndexedSessionRepository keeps a session's hash beyond its timeout
MOST = 0.5  # of the sessions; each has an `expires` key beside it
USUAL_S = 1800  # Spring's own timeout, where none is declared


@check(severity=Severity.LOW, role="hygiene")
def keyspace_notifications_off(
    servers: tuple[RedisServer, ...], censuses: tuple[Census, ...], topology: Topology
) -> Verdicts:
    """Redis sends no expiry events, which Spring Session waits for.

    `notify-keyspace-events` lacks `E`, `g` or `x`. Sessions still end in time, but nobody is told: the index by user
    keeps dead entries and no SessionDestroyedEvent comes. The indexed repository is known by the keys beside each
    session, or by sessions that outlive the timeout by 300 s.
    """
    idle = topology.site.idle_timeout or USUAL_S
    indexed = {census.store for census in censuses if _indexed(census, idle)}
    if not indexed:
        raise NotApplicable("no keys of Spring Session's indexed repository were seen")
    for server in (server for server in servers if server.store in indexed):
        if server.notify is None:
            yield Unknown("its notify-keyspace-events may not be asked", subject=server.store)
        elif _tells(server.notify):
            yield Fine(f"notify-keyspace-events is {server.notify}", subject=server.store)
        else:
            text = f"notify-keyspace-events is {server.notify!r}, which lacks E, g or x"
            yield Problem(text, subject=server.store, where=(server.store,))


def _indexed(census: Census, idle: float) -> bool:
    spring = [group for group in census.groups if group.product == "spring-session"]
    lives = [group.ttl_s.top for group in spring if group.ttl_s]
    helped = spring and census.helper_keys >= MOST * sum(group.keys for group in spring)
    return bool(helped) or any(idle < life <= idle + SLACK_S for life in lives)


def _tells(flags: str) -> bool:
    return "E" in flags and ("A" in flags or {"g", "x"} <= set(flags))
