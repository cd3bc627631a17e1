"""Do parallel requests of one session wait for each other?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

LOCKS = {"redis.session.locking_enabled", "memcached.sess_locking"}
OFF = {"0", "off", "false", "no", ""}


@check(severity=Severity.LOW, role="hygiene")
def session_locks_off(configs: Configs) -> Verdicts:
    """Session locks are switched off, so that parallel requests overwrite each other.

    PHP writes the whole session at the end of a request: of two at a time the last one wins.
    """
    found = [one for one in configs.settings if one.name in LOCKS]
    if not found:
        raise NotApplicable("no given file says whether sessions are locked")
    for one in found:
        if one.value.strip().lower() in OFF:
            yield Problem(f"{one.name} is off", subject=one.owner, where=(one.owner,), at=one.at, detail=one.name)
        else:
            yield Fine(f"{one.name} is on", subject=one.owner)
