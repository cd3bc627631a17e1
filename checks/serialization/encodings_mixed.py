"""Are all sessions written in one format?"""

from collections import Counter

from sessiondoctor.api import Census, Fine, Inconclusive, Located, Problem, Severity, Verdicts, check

ENOUGH = 2  # values of an encoding; one may be a stray
NO_FORMAT = {"unknown", "empty", ""}


@check(severity=Severity.CRITICAL)
def encodings_mixed(censuses: tuple[Census, ...], located: Located | None) -> Verdicts:
    """Sessions under one prefix are written in different formats.

    One node writes what the others cannot read: another serializer, or another version of one.
    """
    mixed = _located(located)
    if mixed:
        yield mixed
        return
    for census in censuses:
        for group in census.groups:
            kinds = {name for name, count in group.encodings.items() if count >= ENOUGH and name not in NO_FORMAT}
            if len(kinds) > 1:
                text = f"sessions under {group.prefix!r} hold {' and '.join(sorted(kinds))}"
                yield Problem(text, subject=census.store)
                return
    if not any(group.encodings for census in censuses for group in census.groups):
        raise Inconclusive("no stored session could be looked into")
    touched = sum(census.touched for census in censuses)
    yield Fine("all stored sessions have one format", seen={"keys_whose_idle_time_was_reset": touched})


def _located(located: Located | None) -> Problem | None:
    """What the nodes wrote for one and the same visit; a format without a name beside one with a name is another."""
    found = {
        session.node: session.places[0].encoding
        for session in (located.sessions if located else ())
        if session.places and session.places[0].encoding not in {"empty", ""}
    }
    if len(set(found.values())) < 2:  # one format
        return None
    common, count = Counter(found.values()).most_common(1)[0]
    odd = tuple(sorted(node for node, encoding in found.items() if encoding != common))
    words = ", ".join(f"{node} writes {_named(encoding)}" for node, encoding in sorted(found.items()))
    return Problem(words, where=odd if count > len(odd) else tuple(sorted(found)))


def _named(encoding: str) -> str:
    return "a format that is not known here" if encoding == "unknown" else encoding
