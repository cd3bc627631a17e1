"""Do sessions end where an item of memcached does?"""

from sessiondoctor.api import Fine, Growth, Inconclusive, MemcachedServer, Problem, Severity, Verdicts, check

KIB = 1024
ITEM = 1024 * KIB  # bytes: memcached's default of -I, key and overhead included
ENCODED = 1.5  # times as large as what was asked for: Base64, quotes, and what else is in the session


@check(severity=Severity.MEDIUM)
def session_ends_at_item_limit(growth: Growth, servers: tuple[MemcachedServer, ...] | None) -> Verdicts:
    """Sessions are lost at the largest item size of memcached.

    That is 1 MiB by default; declared servers tell. A store with another limit ends sessions at another size. Sizes
    beyond 64 KiB are tried only with `--allow interact`.
    """
    limit = min((server.largest_item for server in servers or () if server.largest_item), default=ITEM)
    failed, where = growth.failed, tuple(sorted({server.store for server in servers or ()}))
    if failed is None and growth.largest <= limit:
        raise Inconclusive(f"sessions above {growth.largest // KIB} KiB are not tried: add --allow interact")
    if failed and not failed.refused and growth.lives_at < limit <= ENCODED * failed.size:
        told = f"a session of {growth.lives_at // KIB} KiB lives, one of {failed.size // KIB} KiB does not"
        yield Problem(f"{told}; an item of memcached has at most {limit // KIB} KiB", where=where)
    else:
        ends = f"ends at {failed.size // KIB} KiB" if failed else f"lives at {growth.lives_at // KIB} KiB"
        yield Fine(f"a session {ends}")
