"""Does the declared login lead to a logged-in session?"""

from sessiondoctor.api import (
    Confidence,
    Fine,
    Inconclusive,
    Login,
    Logins,
    Problem,
    Replay,
    Severity,
    Unknown,
    Verdicts,
    check,
)

SERVER_ERROR = 500
OF_THE_SESSION = {400, 403, 419, 440}  # a wrong password is mostly answered by 401, 422, or the form again


@check(severity=Severity.HIGH, role="loss")
def login_fails(logins: Logins, replay: Replay | None) -> Verdicts:
    """The declared login does not lead to a logged-in session.

    Logs in through the public entry and looks at once whether it is logged in. A login that no node ever accepts may
    be declared wrongly: it counts only if the server fails, or if another node refuses what the first one began.
    """
    runs = logins.runs
    stuck = [run for run in runs if run.trouble]
    out = [run for run in runs if not run.trouble and _is_out(run)]
    works = _works_on_a_node(runs, replay)
    seen: dict[str, object] = {"client": logins.client((stuck or out or list(runs))[0])}
    if any(_is_in(run) for run in runs) and (stuck or out):
        yield Problem(f"{len(stuck) + len(out)} of {len(runs)} logins fail: {_why((stuck or out)[0])}", seen=seen)
    elif stuck:
        yield _judged(stuck[0], seen, works=works)
    elif len(out) == len(runs):
        yield _looping(seen, works=works)
    elif all(_is_in(run) for run in runs):
        yield Fine("the login works, and the next page knows it", seen=seen)
    else:
        raise Inconclusive(_nothing_known(runs))


def _works_on_a_node(runs: tuple[Login, ...], replay: Replay | None) -> bool:
    """Whether a node that was asked directly took such a login: then it is declared rightly."""
    logged_in = any(cell.state == "kept" for cell in replay.own) if replay and replay.flow else False
    return logged_in or any(one.at_once == "in" for run in runs for one in run.nodes)


def _is_in(run: Login) -> bool:
    return any(exchange.state == "kept" for exchange in run.looks.exchanges)


def _is_out(run: Login) -> bool:
    states = {exchange.state for exchange in run.looks.exchanges}
    return "lost" in states and "kept" not in states


def _why(run: Login) -> str:
    return run.trouble or "its steps work, and the next page does not know it"


def _judged(run: Login, seen: dict[str, object], *, works: bool) -> Problem | Unknown:
    """A login that stops at a step, each time."""
    last = run.steps.exchanges[-1] if run.steps.exchanges else None
    status = last.status if last else 0
    if last and status >= SERVER_ERROR:
        return Problem(f"the login ends in a server error: {run.trouble}", where=_named(last.node), seen=seen)
    if status and (works or (run.steps.moved and status in OF_THE_SESSION)):
        nodes = f", answered by {' and '.join(dict.fromkeys(run.steps.nodes))}" if run.steps.moved else ""
        return Problem(f"the login is refused{nodes}: {run.trouble}", seen=seen)
    advice = "correct site.flow.login if it is declared wrongly"
    return Unknown(f"the login does not work: {run.trouble}; {advice}", seen=seen)


def _named(node: str) -> tuple[str, ...]:
    return (node,) if node else ()


def _looping(seen: dict[str, object], *, works: bool) -> Problem:
    """Each step works, and nobody is logged in. Unless a node knows such logins, the declaration may be to blame."""
    told = ", although nodes that are asked directly know it" if works else ""
    sure = Confidence.FIRM if works else Confidence.TENTATIVE
    return Problem(
        f"every login step succeeds, but the next page is not logged in{told}",
        seen=seen,
        confidence=sure,
    )


def _nothing_known(runs: tuple[Login, ...]) -> str:
    troubles = [exchange.trouble for run in runs for exchange in run.looks.exchanges if exchange.trouble]
    if troubles:
        return f"whether the login worked could not be seen: {troubles[0]}"
    return "whether the login worked could not be seen; declare site.flow.logged_in"
