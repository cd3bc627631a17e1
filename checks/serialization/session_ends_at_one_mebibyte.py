"""Do sessions end where an item of memcached does?"""

from sessiondoctor.api import Fine, Growth, Inconclusive, Problem, Severity, Verdicts, check

KIB = 1024
ITEM = 1024 * KIB  # bytes: memcached's default of -I, key and overhead included


@check(severity=Severity.MEDIUM)
def session_ends_at_one_mebibyte(growth: Growth) -> Verdicts:
    """Sessions live below 1 MiB and end just above it.

    That is the largest item that memcached takes by default. A store with another limit ends them at another size.
    Sizes beyond 64 KiB are tried only with `--allow interact`.
    """
    failed = growth.failed
    if failed is None and growth.largest <= ITEM:
        raise Inconclusive(f"sessions above {growth.largest // KIB} KiB are not tried: add --allow interact")
    if failed and failed.size > ITEM >= growth.lives_at > ITEM // 8 and not failed.refused:
        yield Problem(f"a session of {growth.lives_at // KIB} KiB lives, one of {failed.size // KIB} KiB does not")
    else:
        ends = f"ends at {failed.size // KIB} KiB" if failed else f"lives at {growth.lives_at // KIB} KiB"
        yield Fine(f"a session {ends}")
