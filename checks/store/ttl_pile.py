"""Do many sessions expire at the same moment?"""

from sessiondoctor.api import Census, Fine, Group, Inconclusive, Problem, Severity, Verdicts, check

ENOUGH = 100  # keys
SHARE = 0.3  # of the keys with an expiry, in a hundredth of the range
NEW = 0.98  # of the timeout: what is above was used just now


@check(severity=Severity.LOW, false_alarm=0.03)
def ttl_pile(censuses: tuple[Census, ...]) -> Verdicts:
    """Many sessions share one expiry time.

    They were written in one go and not renewed since: by a crawler, an import, a login storm; or their expiry is a
    fixed time that use does not move.
    """
    judged = False
    for census in censuses:
        for group in census.groups:
            if not group.ttl_s or not group.ttl_pile or group.ttl_s.count < ENOUGH:
                continue
            judged = True
            edge, count = group.ttl_pile
            seen = {"histogram": census.ttl_picture(group), "pile_s": edge, "pile": count}
            if count >= SHARE * group.ttl_s.count and not _is_new(group, edge):
                text = f"{count} of {group.ttl_s.count} keys under {group.prefix!r} expire together in {edge:.0f} s"
                yield Problem(text, subject=census.store, where=(census.store,), seen=seen)
            else:
                yield Fine(f"keys under {group.prefix!r} expire one by one", subject=census.store, seen=seen)
    if not judged:
        raise Inconclusive("there are too few sessions to tell")


def _is_new(group: Group, edge: float) -> bool:
    """Whether these were used just now: they have nearly all of the timeout before them."""
    return group.timeout_s is not None and edge >= NEW * group.timeout_s
