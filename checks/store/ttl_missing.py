"""Do sessions expire in the store?"""

from sessiondoctor.api import Census, Fine, Problem, Severity, Unknown, Verdicts, check

SHARE = 0.01  # of a group; a few keys may have been made by hand


@check(severity=Severity.MEDIUM, role="hygiene")
def ttl_missing(censuses: tuple[Census, ...]) -> Verdicts:
    """Stored sessions have no expiry.

    They pile up until memory is full; then the store evicts live sessions or refuses writes.
    """
    for census in censuses:
        if not census.groups:
            yield Unknown("no session is stored", subject=census.store)
        counted, cut = "" if census.exact else "sampled ", f" ({census.cut})" if census.cut else ""
        for group in census.groups:
            seen = {"histogram": census.ttl_picture(group), "rank_error": census.rank_error}
            under = f"of {group.keys} {counted}keys under {group.prefix!r}{cut}"
            if not group.ttl_s and not group.without_ttl:
                yield Unknown("the store does not tell when sessions end", subject=census.store)
            elif group.without_ttl > SHARE * group.keys:
                text = f"{group.without_ttl} {under} have no expiry"
                yield Problem(text, subject=census.store, where=(census.store,), seen=seen)
            else:
                yield Fine(f"{group.keys - group.without_ttl} {under} expire", subject=census.store, seen=seen)
