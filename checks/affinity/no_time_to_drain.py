"""May requests and sessions end before a node is taken away?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM, false_alarm=0.15)
def no_time_to_drain(configs: Configs) -> Verdicts:
    """A node that is taken out gets no time to finish.

    The delay before a target is removed, or the grace period of a pod, is zero: at each deploy and scale-in requests
    are cut and the sessions of that node are gone at once.
    """
    told = [drain for drain in configs.drains if drain.seconds is not None]
    if not told:
        raise NotApplicable("no given file says how long a node may drain")
    cut = [drain for drain in told if drain.seconds == 0]
    for drain in cut:
        yield Problem(f"{drain.setting} is 0: requests in flight are cut when a node is taken out", subject=drain.owner,
                      where=(drain.owner,), at=drain.at, detail=drain.subject)  # fmt: skip
    if not cut:
        yield Fine("a node that is taken out may finish its requests")
