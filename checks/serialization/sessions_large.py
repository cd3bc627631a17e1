"""Are sessions small?"""

from sessiondoctor.api import Census, Fine, Inconclusive, Problem, Severity, Verdicts, check

LARGE = 100 * 1024  # bytes of the 95th percentile: each request reads and writes as much
HUGE = 512 * 1024  # bytes of a single session: near memcached's 1 MiB


@check(severity=Severity.MEDIUM, role="hygiene")
def sessions_large(censuses: tuple[Census, ...]) -> Verdicts:
    """Sessions are large.

    Every request moves one through the network; they cost memory, time and replication.
    """
    sizes = [(census, group) for census in censuses for group in census.groups if group.size_bytes]
    if not sizes:
        raise Inconclusive("no size could be read: there are no sessions, or the store's user may not ask for it")
    for census, group in sizes:
        assert group.size_bytes
        seen = {"histogram": census.size_picture(group)}
        if group.size_bytes.high > LARGE or group.size_bytes.top > HUGE:
            sizes_kib = f"{group.size_bytes.high / 1024:.0f} KiB, the largest {group.size_bytes.top / 1024:.0f} KiB"
            text = f"under {group.prefix!r} 5 % are over {sizes_kib}"
            yield Problem(text, subject=census.store, where=(census.store,), seen=seen)
        else:
            small = f"95 % of the keys under {group.prefix!r} take less than {group.size_bytes.high / 1024:.1f} KiB"
            yield Fine(small, subject=census.store, seen=seen)
