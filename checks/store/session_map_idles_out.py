"""Does use of a session keep its entry in the grid alive?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Unknown, Verdicts, check

LOST = {"logged-out-at-node-loss", "logged-out-at-deploy", "logged-out-after-fixed-time"}


@check(severity=Severity.HIGH)
def session_map_idles_out(configs: Configs, topology: Topology) -> Verdicts:
    """A map deletes unread entries while nodes read their own copies.

    `max-idle-seconds` counts from the last read of the map. A filter or manager in sticky mode reads its own copy, so
    that the entry of a busy session expires; the loss shows when its node ends.
    """
    idling = [one for one in configs.managers if one.setting("role") == "map" and one.setting("max-idle")]
    if not idling:
        raise NotApplicable("no given file lets a map idle out")
    read_alone = any(one.sticky for one in configs.managers)
    for one in idling:
        name = one.setting("name") or "the map"
        if any(manager.sticky is False for manager in configs.managers) and not read_alone:
            yield Fine(f"nodes read {name} at each request", subject=one.owner)
        elif not read_alone and not LOST & set(topology.symptoms):
            yield Unknown(f"whether nodes read {name} at each request is not known", subject=one.owner)
        else:
            text = f"{name} forgets what was not read for {one.setting('max-idle')} s; nodes read copies of their own"
            yield Problem(text, subject=one.owner, where=(one.owner,), at=one.at, detail=name)
