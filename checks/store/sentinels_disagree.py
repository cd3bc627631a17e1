"""Do all sentinels name one primary?"""

from collections import Counter

from sessiondoctor.api import Fine, Inconclusive, Problem, Sentinels, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def sentinels_disagree(stores: tuple[Sentinels, ...]) -> Verdicts:
    """Sentinels of one store name different primaries.

    A client believes the first that answers: nodes then write to different servers, or to one that has become a
    replica and refuses.
    """
    for store in stores:
        named = [view for view in store.views if view.primary]
        if len(named) < 2:  # two are compared
            raise Inconclusive("fewer than two sentinels name a primary")
        common, _ = Counter(view.primary for view in named).most_common(1)[0]
        odd = [view for view in named if view.primary != common]
        if odd:
            text = f"the sentinel {odd[0].endpoint} names {odd[0].primary}, the others {common}"
            yield Problem(text, subject=store.store, where=(store.store,))
        else:
            yield Fine(f"all {len(named)} sentinels name {common}", subject=store.store)
