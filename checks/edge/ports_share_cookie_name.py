"""Do several servers on one host use one cookie name?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, ShownCookie, ShownCookies, Verdicts, check

SEVERAL = 2


@check(severity=Severity.HIGH)
def ports_share_cookie_name(captures: tuple[ShownCookies, ...]) -> Verdicts:
    """Servers on several ports of one host set one session cookie.

    Cookies know no port (RFC 6265, 8.5): a login at one server replaces the session of the other.
    """
    named = [(one, name) for one in captures for name in one.names]
    shared = [(name, ports) for one, name in named if len(ports := _ports(one, name)) >= SEVERAL]
    if not shared:
        raise NotApplicable("no capture shows one session cookie of several ports of a host")
    clashing = [(name, ports) for name, ports in shared if len({one.token for one in ports.values()}) > 1]
    for name, ports in clashing:
        first = next(iter(ports.values()))
        listed = ", ".join(map(str, sorted(ports)))
        text = f"servers on ports {listed} of {first.host} set {name}, and a browser keeps one of them"
        yield Problem(text, at=first.at, detail=name)
    if not clashing:
        yield Fine("the ports share the session, too")


def _ports(captured: ShownCookies, name: str) -> dict[int, ShownCookie]:
    """The session's cookie by port, of the first host that has it; http and https of one server are no two."""
    mine = [one for one in captured.set if one.name == name and one.role == "session" and one.port]
    ports = {one.port: one for one in mine if one.host == mine[0].host}
    return {} if set(ports) == {80, 443} else ports
