"""Does a memcached refuse items for their size?"""

from sessiondoctor.api import Fine, MemcachedServer, Problem, Severity, Verdicts, check

KIB = 1024


@check(severity=Severity.HIGH)
def memcached_refuses_large_items(servers: tuple[MemcachedServer, ...]) -> Verdicts:
    """A memcached has refused items that are too large.

    `SERVER_ERROR object too large for cache`: the write fails, and what was stored under the key before is deleted.
    A session that grows over the limit (1 MiB unless -I says otherwise) is lost as a whole.
    """
    for server in servers:
        if server.too_large > 0:
            now = f", {server.too_large_delta} of them just now" if server.too_large_delta else ""
            limit = f"{server.largest_item / KIB:.0f} KiB" if server.largest_item else "its limit"
            text = f"{server.endpoint} refused {server.too_large} items larger than {limit}{now}"
            yield Problem(text, subject=server.store, where=(server.store,))
        elif not server.full:
            yield Fine(f"{server.endpoint} refused no item for its size", subject=server.store)
