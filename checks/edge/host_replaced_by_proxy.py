"""Does the application learn the host that the browser asked for?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Proxy, Severity, Topology, Unknown, Verdicts, check


@check(severity=Severity.MEDIUM)
def host_replaced_by_proxy(configs: Configs, topology: Topology) -> Verdicts:
    """A proxy replaces the host that the browser asked for.

    nginx does so unless `proxy_set_header Host` says otherwise. Cookies then get the wrong Domain, redirects lead to an
    internal name, and origin checks of forms fail.
    """
    judged = [one for one in configs.proxies if one.header("host") or (one.product == "nginx" and one.whole)]
    if not judged:
        raise NotApplicable("no given file says which host is sent on")
    for proxy in _one_for_each_target(judged):
        host = proxy.header("host")
        forwarded = proxy.header("x-forwarded-host")
        if host and host.value.startswith("$") and "proxy_host" not in host.value:
            yield Fine("the browser's host is sent on", subject=proxy.owner)
        elif forwarded:
            yield Fine("the browser's host is forwarded in X-Forwarded-Host", subject=proxy.owner)
        elif {"csrf-error", "login-loop"} & set(topology.symptoms):
            name = host.value if host else proxy.target
            at = host.at if host else proxy.at
            yield Problem(f"the servers are sent the host {name!r}, not the one that the browser asked for",
                          subject=proxy.owner, where=(proxy.owner,), at=at, detail=proxy.target)  # fmt: skip
        else:
            yield Unknown("whether the application looks at the host is not known", subject=proxy.owner)


def _one_for_each_target(proxies: list[Proxy]) -> list[Proxy]:
    return list({(one.owner, one.target): one for one in reversed(proxies)}.values())
