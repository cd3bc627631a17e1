"""May the user that the store's URL names look at everything?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Unknown, Verdicts, check

NEEDED = {
    "SCAN": "which sessions there are",
    "PTTL": "how long sessions live",
    "TYPE": "types of session keys",
    "MEMORY USAGE": "sizes of sessions",
    "OBJECT ENCODING": "how the store keeps sessions in memory",
    "DBSIZE": "how many keys there are",
}
OPTIONAL = {
    "GETRANGE": "how sessions in strings are serialized",
    "HSCAN": "how sessions in hashes are serialized",
    "OBJECT IDLETIME": "when a session was last used",
    "SELECT": "other databases than that of the URL",
    "CONFIG GET": "settings that INFO does not tell",
    "SLOWLOG GET": "slow commands",
    "LATENCY LATEST": "stalls",
}


@check(severity=Severity.LOW, role="hygiene")
def store_rights_missing(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store's user lacks a right that the census needs.

    Each missing right is named with what is not seen without it. A user of its own name is presumed to have the
    documented minimum and no more, as Redis logs each refusal; `?rights=select,getrange` or `?rights=all` in the URL
    tells what else it may run.
    """
    for server in servers:
        needed, optional = _unseen(server, NEEDED), _unseen(server, OPTIONAL)
        if needed:
            yield Problem(f"give its user {needed}", subject=server.store, where=(server.store,))
        elif optional:
            yield Unknown(f"not seen without more rights of its user: {optional}", subject=server.store)
        else:
            yield Fine("the store user has all required permissions", subject=server.store)


def _unseen(server: RedisServer, rights: dict[str, str]) -> str:
    missing = [right for right in rights if right in server.missing_rights]
    return ", ".join(f"+{right.lower().replace(' ', '|')} ({rights[right]})" for right in missing)
