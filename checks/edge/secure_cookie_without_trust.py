"""Does the application that sends a Secure cookie believe the proxy that ends TLS?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)  # fmt: skip

WITHHOLDS = {"express"}  # express-session sets a Secure cookie on requests only that it takes for https
ASKED = {"login-loop", "state-lost", "csrf-error", "logged-out-at-random"}


@check(severity=Severity.HIGH)
def secure_cookie_without_trust(configs: Configs, topology: Topology) -> Verdicts:
    """The cookie is Secure, and the application does not trust its proxy.

    express-session sends no Secure cookie on a connection that it takes for plain http: behind a proxy that ends TLS,
    `trust proxy` must be set. It may be set in a file that was not given, so that this fails only if a given proxy ends
    TLS or users are sent back to the login.
    """
    secure = [one for one in configs.session_cookies if one.cookie.secure and one.stack in WITHHOLDS]
    if not secure:
        raise NotApplicable("no given file has a Secure cookie that depends on trust")
    for cookie in secure:
        trusts = [one for one in configs.proxy_trusts if one.owner == cookie.owner or one.stack == cookie.stack]
        refused = [one for one in trusts if not one.trusts]
        ends_tls = any(one.tls for one in configs.proxies) or topology.site.url.startswith("https:")
        if any(one.trusts for one in trusts):
            yield Fine("the application trusts its proxy", subject=cookie.owner)
        elif refused or ends_tls or ASKED & set(topology.symptoms):
            at = refused[0].at if refused else cookie.at
            yield Problem("the session cookie is Secure and `trust proxy` is not set: behind TLS that ends at a proxy "
                          "no cookie is sent", subject=cookie.owner, where=(cookie.owner,), at=at)  # fmt: skip
        else:
            yield Unknown("whether a proxy ends TLS is not known", subject=cookie.owner)
