"""Do sessions expire in the store?"""

from sessiondoctor.api import Census, Fine, Problem, Severity, Unknown, Verdicts, check

SHARE = 0.01  # of a group; a few keys may have been made by hand


@check(severity=Severity.MEDIUM, role="hygiene")
def ttl_missing(censuses: tuple[Census, ...]) -> Verdicts:
    """Stored sessions have no expiry.

    They pile up until memory is full; then the store evicts live sessions or refuses writes.
    """
    for census in censuses:
        for group in census.groups:
            if group.keys and group.without_ttl > SHARE * group.keys:
                text = f"{group.without_ttl} of {group.keys} sampled sessions under {group.prefix!r} have no expiry"
                yield Problem(text, subject=census.store, where=(census.store,))
                break
        else:
            told = [group for group in census.groups if group.ttl_s]
            if told or not census.groups:
                yield Fine("stored sessions expire", subject=census.store)
            else:
                yield Unknown("the store does not tell when sessions end", subject=census.store)
