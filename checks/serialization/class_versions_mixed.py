"""Do all nodes write one version of each class?"""

from collections import Counter

from sessiondoctor.api import Census, Fine, Inconclusive, Located, Problem, Severity, Verdicts, check

ENOUGH = 2  # sessions with a version; one may be left over from before a deploy
SHOWN = 5  # classes


@check(severity=Severity.CRITICAL)
def class_versions_mixed(censuses: tuple[Census, ...], located: Located | None) -> Verdicts:
    """Sessions hold objects of one Java class in different versions.

    A JVM refuses to read an object whose serialVersionUID is not that of its own class. The sessions that this scan
    made on each node are compared first, then the sessions that are in the store.
    """
    by_node = _by_node(located)
    mixed = _between_nodes(by_node)
    if mixed:
        yield mixed
        return
    groups = [(census, group) for census in censuses for group in census.groups if group.classes]
    if not groups and not by_node:
        raise Inconclusive("no stored session with Java objects could be looked into")
    for census, group in groups:
        several = {name: uids for name, uids in group.classes.items() if _several(uids)}
        if several:
            text = f"sessions under {group.prefix!r} hold {_named(several)}"
            seen = {"classes": {name: _texts(uids) for name, uids in several.items()}}
            yield Problem(text, subject=census.store, seen=seen)
            return
    yield Fine("each class is stored in one version")


def _by_node(located: Located | None) -> dict[str, dict[str, int]]:
    """Node -> class -> version, of the sessions made there."""
    sessions = located.sessions if located else ()
    return {
        session.node: session.places[0].classes for session in sessions if session.places and session.places[0].classes
    }


def _between_nodes(by_node: dict[str, dict[str, int]]) -> Problem | None:
    names = sorted({name for classes in by_node.values() for name in classes})
    versions = {name: {node: classes[name] for node, classes in by_node.items() if name in classes} for name in names}
    differing = {name: uids for name, uids in versions.items() if len(set(uids.values())) > 1}
    if not differing:
        return None
    name, uids = next(iter(differing.items()))
    common, count = Counter(uids.values()).most_common(1)[0]
    odd = tuple(sorted(node for node, uid in uids.items() if uid != common))
    where = odd if count > len(odd) else tuple(sorted(uids))
    words = ", ".join(f"{node} writes {uid}" for node, uid in sorted(uids.items()))
    seen = {"classes": {name: {node: str(uid) for node, uid in uids.items()} for name, uids in differing.items()}}
    return Problem(f"{name} in several versions: {words}", where=where, seen=seen)


def _several(uids: dict[int, int]) -> bool:
    return sum(count >= ENOUGH for count in uids.values()) > 1


def _named(several: dict[str, dict[int, int]]) -> str:
    names = sorted(several)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more} in several versions"


def _texts(uids: dict[int, int]) -> dict[str, int]:
    """Versions as texts: many readers of JSON round numbers of 64 bits."""
    return {str(uid): count for uid, count in uids.items()}
