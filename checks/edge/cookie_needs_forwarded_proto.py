"""Does a node need to be told that the browser used https?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Replay, Severity, Unknown, Verdicts, Visits, check

SERVER_ERROR = 500


@check(severity=Severity.CRITICAL)
def cookie_needs_forwarded_proto(replay: Replay, visits: Visits | None) -> Verdicts:
    """A node sets no session cookie on supposed plain HTTP.

    Either only when `X-Forwarded-Proto: https` comes with the request, so that the proxy must send it; or not even
    then, so that the application must be told to trust the proxy. Where the site hands out a session cookie, its proxy
    does say so.
    """
    if replay.way == "steered":
        raise NotApplicable("no node was asked past the proxies", hint="add nodes with url")
    asked = [visit for visit in replay.visits if visit.cookies_if_https is not None]
    if not asked:
        raise NotApplicable("every node was asked as a browser's https request, or sets its cookie anyway")
    for visit in asked:
        gained = set(visit.cookies_if_https or ()) - set(visit.cookies_if_http or ())
        if gained and visits and visits.session_cookie:
            yield Fine(f"the site hands out {visits.session_cookie.name}: its proxy says https", subject=visit.node)
        elif gained:
            text = f"{visit.node} sets {', '.join(sorted(gained))} only with X-Forwarded-Proto: https"
            yield Problem(text, subject=visit.node, where=(visit.node,))
        elif visit.status >= SERVER_ERROR:
            yield Unknown(f"{visit.node} answered {visit.status} to the write", subject=visit.node)
        elif visit.session_cookie is None and not visit.cookies_if_https:
            yield _without_cookie(replay, visit.node)
        else:
            yield Fine("the cookie is set anyway", subject=visit.node)


def _without_cookie(replay: Replay, node: str) -> Problem | Fine | Unknown:
    """A fault only where a session was made that the node then does not know."""
    own = replay.cell(node, node)
    if not replay.flow:
        return Unknown("no cookie is set; the page may simply need none: declare site.flow", subject=node)
    if own and own.state == "kept":
        return Fine("the session travels in something else than a cookie", subject=node)
    text = f"{node} sets no session cookie, whatever X-Forwarded-Proto says"
    return Problem(text, subject=node, where=(node,))
