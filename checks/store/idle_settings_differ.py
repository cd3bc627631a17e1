"""Do all settings of one application give a session the same life?"""

from collections import defaultdict

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, SessionIdle, Severity, Verdicts, check

OTHERS = {"forms timeout", "ExpireTimeSpan", "setMaxInactiveInterval"}  # of a login's ticket, or of one session alone
LEAST = 1.0


@check(severity=Severity.MEDIUM)
def idle_settings_differ(configs: Configs) -> Verdicts:
    """Two settings of one application give sessions different lives.

    `session-timeout` of web.xml, `server.servlet.session.timeout`, `spring.session.timeout`, the annotation's
    `maxInactiveIntervalInSeconds`: one of them holds, and which one depends on what keeps the sessions. Compared within
    the files of one owner, or of all files where none is named.
    """
    groups: dict[str, list[SessionIdle]] = defaultdict(list)
    named = {file.owner for file in configs.files if file.owner != file.name}
    for one in configs.session_idles:
        if one.setting not in OTHERS and (one.owner in named or not named):
            groups[one.owner if named else ""].append(one)
    compared = [found for found in groups.values() if len({one.setting for one in found}) > 1]
    if not compared:
        raise NotApplicable("no application has two settings for the life of a session")
    for found in compared:
        least, most = min(found, key=lambda one: one.seconds), max(found, key=lambda one: one.seconds)
        if most.seconds - least.seconds > LEAST and least.setting != most.setting:
            text = f"a session lives {least.seconds:g} s by {least.setting}, and {most.seconds:g} s by {most.setting}"
            yield Problem(text, subject=least.owner, where=(least.owner,), at=least.at, detail=least.setting)
        else:
            yield Fine("all settings give a session the same life", subject=least.owner)
