"""Up to which size does a session live?"""

from sessiondoctor.api import Fine, Growth, Inconclusive, Problem, Severity, SizeStep, Verdicts, check

BY_GATEWAYS = {502, 503, 504}
KIB = 1024
TELLING = 1024 * KIB  # bytes: to live beyond says that there is no usual limit
BLIND = 0.3  # how likely a limit would have shown below


@check(severity=Severity.HIGH, role="loss", false_alarm=0.0005)
def session_lost_when_large(growth: Growth) -> Verdicts:
    """A session is lost, or cannot be changed, above some size.

    The declared `grow` makes a session larger step by step, to 64 KiB, and with `--allow interact` beyond 1 MiB. What
    was in it before must still be there. Browsers and proxies that refuse a large cookie are other checks' matter.
    """
    failed = growth.failed
    if failed is None:
        if not growth.size_steps[-1].lives:
            raise Inconclusive(
                f"a session of {growth.size_steps[-1].size // KIB} KiB was lost once, another one was not"
            )
        power = 1.0 if growth.lives_at > TELLING else BLIND
        yield Fine(f"a session of {growth.lives_at // KIB} KiB survives", power=power)
        return
    if failed.refused:
        raise Inconclusive(f"at {failed.size // KIB} KiB a browser refuses the cookie; larger ones were not tried")
    inner = growth.direct or failed
    if growth.direct and growth.direct.lives:
        raise Inconclusive(f"at {failed.size // KIB} KiB only what is in front of {growth.node} fails")
    if growth.direct is None and growth.in_cookie and {failed.status, failed.look_status} & BY_GATEWAYS:
        raise Inconclusive(f"at {failed.size // KIB} KiB a proxy fails on a session that is in a cookie")
    if inner.state == "unknown" and not inner.status:
        raise Inconclusive(f"there is no answer at {failed.size // KIB} KiB: {inner.trouble}")
    yield Problem(f"{_fate(inner)} at {failed.size // KIB} KiB; {growth.lives_at // KIB} KiB still worked")


def _fate(size_step: SizeStep) -> str:
    if size_step.state == "lost":
        answered = "without an error" if size_step.grew else f"with status {size_step.status}"
        return f"the whole session is lost, {answered},"
    if not size_step.grew:
        return f"a session can no longer grow (status {size_step.status}), what it had before stays,"
    return "a session no longer answers"
