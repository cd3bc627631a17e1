"""Were members that do not know each other together before?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    MemberView,
    NotApplicable,
    Problem,
    Severity,
    Verdicts,
    check,
    islands,
    named,
)


@check(severity=Severity.CRITICAL)
def cluster_fell_apart(views: tuple[MemberView, ...]) -> Verdicts:
    """Members that are alone now had other members before.

    A member that is alone and has counted what others sent, or is not in its first view, was together with them: the
    cluster fell apart, and both parts go on. One that never heard of anybody has never joined.
    """
    groups = islands(view for view in views if view.size)
    if len(groups) < 2:
        raise NotApplicable("the nodes' views of the cluster do not contradict each other")
    alone = [view for view in views if view.size == 1]
    parted = sorted(view.node for view in alone if view.left)
    if parted:
        text = f"{named(parted, 'is', 'are')} alone now, and had other members before"
        yield Problem(text, where=tuple(parted))
    elif alone and all(_would_tell(view) for view in alone):
        yield Fine("the members that are alone never heard of others")
    else:
        raise Inconclusive("whether the parts were together before is told by their logs; declare nodes[].logs")


def _would_tell(view: MemberView) -> bool:
    """Whether it would tell that it once had other members: it numbers its views, or counts what it receives."""
    return view.view is not None or any(one.received is not None for one in view.managers)
