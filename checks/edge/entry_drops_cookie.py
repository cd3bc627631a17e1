"""Does the session cookie reach the nodes?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    EntryReplay,
    Exchange,
    Fine,
    Inconclusive,
    Problem,
    Replay,
    Severity,
    Trace,
    Verdicts,
    Visits,
    check,
)


@check(severity=Severity.HIGH)
def entry_drops_cookie(visits: Visits, replay: Replay, entry: EntryReplay | None) -> Verdicts:
    """The session cookie is lost between the site and its nodes.

    The nodes keep the same state when they are asked directly, so something in front of them drops the Cookie header or
    this cookie from it. Not so if they answer it with a new session or a deletion, and set nothing for a new client:
    then it does arrive, and they throw the session away. Sessions that were made on nodes directly and are shown to
    the site tell it, too: if the site finds one of them, its cookie got through.
    """
    cookie = visits.session_cookie
    if replay.way != "direct" or not replay.own or not replay.flow:
        raise Inconclusive("the nodes were not asked directly")
    if not all(cell.state == "kept" for cell in replay.own):
        raise Inconclusive("the nodes lose their state when asked directly, too")
    if entry and (entry.found or entry.never) and not (visits.cached_reads or visits.shared_sessions or visits.leaked):
        yield _shown(entry)
        return
    if cookie is None or cookie.unsent:
        raise Inconclusive("no session cookie is sent back through the site")
    if visits.cached_reads or visits.shared_sessions or visits.leaked:
        raise Inconclusive("a shared cache answers instead of the nodes")
    looks = [exchange for trace in visits.returning for exchange in _at_home(trace)]
    if not looks:
        raise Inconclusive("no request came back to the node that had made its session")
    if visits.strangers_set is False and any(cookie.name in exchange.set_cookies for exchange in looks):
        yield Fine("the cookie reaches the nodes: they replace it, while a client without a cookie gets none")
    elif all(exchange.state == "lost" for exchange in looks):
        yield Problem(f"{cookie.name} is sent to the site, and the node that set it never receives it",
                      seen={"client": visits.client(visits.returning[0])})  # fmt: skip
    else:
        yield Fine("the nodes receive the session cookie")


def _shown(entry: EntryReplay) -> Problem | Fine:
    """What sessions of nodes tell that the site was shown."""
    seen = {"shown": {one.node: [*one.alone, *one.bound] for one in entry.sound}}
    if entry.found:
        text = f"the site finds sessions that were made on nodes directly ({entry.found} of {entry.looks} looks)"
        return Fine(text, seen=seen)
    nodes = ", ".join(one.node for one in entry.sound)
    text = f"no session of {nodes} is found through the site ({entry.looks} looks), though the nodes know them"
    return Problem(text, seen=seen, chance=entry.chance_of_never)


def _at_home(trace: Trace) -> Iterator[Exchange]:
    """Looks with the first session at the node that made it; after another one replaced it nothing can be said."""
    for exchange in trace.exchanges[1:]:
        if not exchange.original:
            return
        if trace.place(exchange) == "home" and exchange.state != "unknown":
            yield exchange
