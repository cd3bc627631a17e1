"""Does a proxy stand in the way of large sessions?"""

from sessiondoctor.api import Fine, Growth, Inconclusive, Problem, Severity, SizeStep, Verdicts, check

KIB = 1024
BY_GATEWAYS = {502, 503, 504}  # no application says so of itself
BY_PROXIES = {400, 413, 431, 494, 502, 503, 504}  # header or cookie too large, and the gateway's own errors


@check(severity=Severity.HIGH, role="loss", false_alarm=0.0005)
def proxy_rejects_large_session(growth: Growth) -> Verdicts:
    """A proxy rejects a session size that the node itself accepts.

    The declared `grow` makes a session larger step by step through the public entry; the size that fails there is tried
    on a node directly; where none can be asked, a gateway's error tells it of a session that travels in a cookie.
    Headers that carry a large cookie do not fit the proxy's buffers: it answers 502 on the way
    out, 400 or 431 on the way in.
    """
    failed = growth.failed
    if failed is None or failed.refused or not _said_by_proxy(failed):
        yield Fine(f"every proxy lets a session of {growth.lives_at // KIB} KiB pass")
        return
    status = failed.status if failed.status in BY_PROXIES else failed.look_status
    if growth.direct is None:
        unasked = f"{status} at {failed.size // KIB} KiB; no node could be asked directly whether it accepts that size"
        if not (growth.in_cookie and status in BY_GATEWAYS):
            raise Inconclusive(unasked)
        yield Problem(f"a proxy answers {unasked}, but the session is in a cookie, which headers must carry")
        return
    if _said_by_proxy(growth.direct):
        yield Fine(f"{growth.node} itself answers {growth.direct.status} at {failed.size // KIB} KiB")
        return
    cookie = f", with a cookie of {growth.direct.cookie_bytes} bytes" if growth.direct.cookie_bytes else ""
    yield Problem(
        f"a proxy answers {status} at {failed.size // KIB} KiB of session data; "
        f"{growth.node} itself accepts that size{cookie}"
    )


def _said_by_proxy(size_step: SizeStep) -> bool:
    return bool({size_step.status, size_step.look_status} & BY_PROXIES)
