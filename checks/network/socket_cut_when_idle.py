"""Check `socket-cut-when-idle`."""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, SocketEnd, Sockets, Verdicts, check

_ALIKE = 0.05
_ALIKE_S = 1.0
_SHORTEST_S = 2.0  # what ends at once was not idle
_BY_ITSELF = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013})
_LIMITS = {
    30: "Google Cloud's backend timeout",
    55: "Heroku's",
    60: "nginx's proxy_read_timeout and AWS ALB's",
    100: "Cloudflare's",
    240: "Azure's",
    350: "AWS NLB's",
}
_ROUND_FROM_S = 10.0


@check(severity=Severity.MEDIUM, role="loss")
def socket_cut_when_idle(sockets: Sockets) -> Verdicts:
    """Idle connections are cut at a constant age.

    Two connections are opened one after the other and held. An event ends both at one time, a limit at one age. A
    proxy sends no closing frame; where there is one, the application itself has closed.
    """
    ends = tuple(end for end in sockets.ends if end.seconds >= _SHORTEST_S)
    if not sockets.ends:
        raise NotApplicable("connections are held with --allow interact only")
    cut = tuple(end for end in ends if end.ended)
    if len(ends) > len(cut) or not ends:
        held = max((end.seconds for end in ends), default=0.0)
        if cut or not ends:
            raise Inconclusive("one connection ended and another did not; none has a constant age")
        yield Fine(f"an idle connection stays open for at least {held:.0f} s", power=0.5)
        return
    if any(end.code in _BY_ITSELF for end in cut):
        raise Inconclusive(f"the application closes its connections after {cut[0].seconds:.0f} s (code {cut[0].code})")
    if len(cut) < len(sockets.ends) or not _are_alike(cut):
        raise Inconclusive("idle connections ended at different ages")
    quiet = cut[0].quiet_s
    yield Problem(
        f"{len(cut)} idle connections were cut after {_seconds(quiet)} s without data{_known(quiet)}",
        seen={"quiet_s": round(quiet, 1), "age_s": round(cut[0].seconds, 1)},
    )


def _are_alike(cut: tuple[SocketEnd, ...]) -> bool:
    ages = [end.quiet_s for end in cut]
    return len(ages) > 1 and max(ages) - min(ages) <= max(_ALIKE_S, _ALIKE * max(ages))


def _seconds(quiet: float) -> str:
    return f"{quiet:.1f}" if quiet < _ROUND_FROM_S else f"{quiet:.0f}"


def _known(quiet: float) -> str:
    limits = (name for limit, name in _LIMITS.items() if abs(limit - quiet) <= max(_ALIKE_S, 0.02 * limit))
    return f"; that is {name} default" if (name := next(limits, "")) else ""
