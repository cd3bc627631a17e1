"""Is clearing the cache harmless to sessions?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    SessionStore,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)

ASKED = {"logged-out-all-at-once", "logged-out-at-random", "logged-out-at-deploy"}


@check(severity=Severity.HIGH)
def cache_shares_database(configs: Configs, topology: Topology) -> Verdicts:
    """Sessions and a cache are in one database of the store.

    Clearing the cache empties the database (FLUSHDB) and logs everybody out, also for a neighbour that shares it; and
    where memory is short, cached data and sessions push each other out.
    """
    caches = [one for one in configs.session_stores if one.role == "cache" and one.place == "redis"]
    stores = [one for one in configs.kept_sessions() if one.place == "redis"]
    pairs = [(store, cache) for store in stores for cache in caches if cache.owner == store.owner]
    if not pairs:
        raise NotApplicable("no given file puts sessions and a cache into one kind of store")
    for store, cache in pairs:
        yield _judged(store, cache, topology)


def _judged(store: SessionStore, cache: SessionStore, topology: Topology) -> Problem | Fine | Unknown:
    if store.database != cache.database or (store.endpoint and cache.endpoint and store.endpoint != cache.endpoint):
        return Fine("the cache has a database of its own", subject=store.owner)
    if not store.database and not ASKED & set(topology.symptoms):
        return Unknown("which database the cache uses is not said; Laravel 5.8 and later have one for it",
                       subject=store.owner)  # fmt: skip
    where = f"database {store.database}" if store.database else "Redis, and the cache is given no database of its own"
    return Problem(f"sessions and the cache are both in {where}: clearing the cache ends all sessions",
                   subject=store.owner, where=(store.owner,), at=cache.at)  # fmt: skip
