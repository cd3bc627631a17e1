"""Do stored sessions live as long as the application is told?"""

from sessiondoctor.api import Census, Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

SHORTER = 0.9  # of what is configured: the rest may be the age of a session


@check(severity=Severity.MEDIUM, false_alarm=0.01)
def configured_lifetime_differs(configs: Configs, censuses: tuple[Census, ...]) -> Verdicts:
    """Stored sessions live shorter than the application is configured.

    Compared are the longest time to live in the store, where it is one that people configure, and the shortest time
    that any given file says. Either a file that is not given sets it, or the file is not the one that is running.
    """
    told = [(one.seconds, one.at, one.owner) for one in configs.session_idles]
    told += [(one.ttl_s, one.at, one.owner) for one in configs.session_stores if one.ttl_s and one.role == "session"]
    groups = [(census, census.groups[0]) for census in censuses if len(census.groups) == 1]
    seen = [(census, life) for census, group in groups if (life := group.timeout_s)]
    if not told or not seen:
        raise NotApplicable("how long sessions live is not both configured and seen in a store")
    shortest, at, owner = min(told, key=lambda one: one[0])
    for census, life in seen:
        if life < SHORTER * shortest:
            text = f"sessions in {census.store} live {life:g} s at the most, and {shortest:g} s are configured"
            where = () if owner == "site" else (owner,)
            yield Problem(text, subject=census.store, where=where, at=at)
        else:
            yield Fine(f"sessions in {census.store} live {life:g} s, as configured or longer", subject=census.store)
