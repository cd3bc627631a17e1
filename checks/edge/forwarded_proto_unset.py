"""Does the proxy that ends TLS tell the application so?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Proxy,
    Severity,
    Topology,
    Verdicts,
    check,
)

TOLD = {"x-forwarded-proto", "x-forwarded-ssl", "forwarded", "x-forwarded-protocol", "front-end-https", "x-scheme"}
LOST = {"login-loop", "state-lost", "csrf-error"}
LOCAL = {"ingress-nginx", "traefik", "caddy", "gateway-api", "contour", "envoy", "aws-alb", "azure", "gclb", ""}


@check(severity=Severity.HIGH)
def forwarded_proto_unset(configs: Configs, topology: Topology) -> Verdicts:
    """A proxy ends TLS and does not tell the application.

    The application takes them for plain http: it withholds Secure cookies, or makes redirects and links to http.
    Judged of whole blocks only, or beside an application that waits for the header; Traefik, Caddy, Envoy and cloud
    balancers say it by themselves.
    """
    waits = _waits(configs, topology)
    ending = [
        one
        for one in configs.proxies
        if one.product not in LOCAL and ((one.tls and one.whole) or _may(one, waits=waits))
    ]
    if not ending:
        raise NotApplicable("no given file has a proxy that ends TLS")
    silent = [one for one in ending if not any(one.header(name) for name in TOLD)]
    if not silent:
        yield Fine("the proxy says that requests came by https")
        return
    wants = any(one.cookie.secure for one in configs.session_cookies) or any(one.trusts for one in configs.proxy_trusts)
    if not wants and not LOST & set(topology.symptoms):
        raise Inconclusive("whether the application looks at X-Forwarded-Proto is not known")
    for proxy in _one_for_each_target(silent):
        yield Problem(f"TLS ends here, and X-Forwarded-Proto is not set for {proxy.target or 'the servers'}",
                      subject=proxy.owner, where=(proxy.owner,), at=proxy.at, detail=proxy.target)  # fmt: skip


def _waits(configs: Configs, topology: Topology) -> bool:
    """Whether the application trusts a proxy, its cookie is Secure, and users are sent back to the login."""
    secure = any(one.cookie.secure for one in configs.session_cookies)
    return secure and any(one.trusts for one in configs.proxy_trusts) and bool(LOST & set(topology.symptoms))


def _may(proxy: Proxy, *, waits: bool) -> bool:
    """A fragment that does not say whether clients come over TLS."""
    return waits and proxy.tls is None


def _one_for_each_target(proxies: list[Proxy]) -> list[Proxy]:
    return list({(one.owner, one.target): one for one in reversed(proxies)}.values())
