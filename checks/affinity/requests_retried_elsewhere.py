"""Are requests that change something sent to a second server?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Proxy, Severity, Topology, Verdicts, check

ANSWERED = {"http_500", "http_502", "http_503", "http_504", "all-retryable-errors", "500", "503", "504"}


@check(severity=Severity.MEDIUM, false_alarm=0.03)
def requests_retried_elsewhere(configs: Configs, topology: Topology) -> Verdicts:
    """Requests that a node has begun are sent to another node.

    The second node does not know the session: it answers as to a stranger, and its cookie replaces the user's. What is
    sent twice may also be done twice.
    """
    told = [proxy for proxy in configs.proxies if proxy.retries]
    if not told:
        raise NotApplicable("no given file says when a request is sent to another server")
    if not topology.may_need_affinity() or configs.shares_sessions():
        raise NotApplicable("the nodes share their sessions, so that another node may answer")
    moving = [proxy for proxy in told if _moves(proxy)]
    seen: set[tuple[str, str]] = set()
    for proxy in moving:
        if (proxy.owner, proxy.target) not in seen:
            seen.add((proxy.owner, proxy.target))
            yield Problem(f"requests to {proxy.target or 'the pool'} are sent again to another server on "
                          f"{', '.join(proxy.retries)}", subject=proxy.owner, where=(proxy.owner,), at=proxy.at,
                          detail=proxy.target)  # fmt: skip
    if not moving:
        yield Fine("a request goes to another server only if the first could not be reached")


def _moves(proxy: Proxy) -> bool:
    return proxy.retries_unsafe or ("redispatch" in proxy.retries and bool(ANSWERED & set(proxy.retries)))
