"""Is a Secure cookie configured for a site with TLS?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Unknown, Verdicts, check

PLAIN_TYPES = {"NodePort"}


@check(severity=Severity.HIGH)
def secure_cookie_on_plain_site(configs: Configs, topology: Topology) -> Verdicts:
    """A Secure session cookie is configured for a plain http site.

    Browsers neither keep nor return a Secure cookie over http, except for localhost. Compared are the site's URL, the
    proxies, and Services that open a port of each machine.
    """
    cookies = [one for one in configs.session_cookies if one.cookie.secure]
    if not cookies:
        raise NotApplicable("no given file makes a session cookie Secure")
    told = [one.tls for one in configs.proxies if one.tls is not None]
    plain = topology.site.url.startswith("http:") or (
        bool(told) and not any(told) and len(told) == len(configs.proxies)
    )
    opened = [one for one in configs.services if one.type in PLAIN_TYPES] and not configs.proxies
    if topology.site.url.startswith("https:") or any(told):
        yield Fine("the site has TLS")
    elif topology.site.url.startswith("http:") or (
        (plain or opened) and {"login-loop", "state-lost"} & set(topology.symptoms)
    ):
        for cookie in cookies:
            yield Problem("the session cookie is Secure, and the site is reached by plain http", subject=cookie.owner,
                          where=(cookie.owner,), at=cookie.at)  # fmt: skip
    else:
        yield Unknown("whether the site has TLS is not known")
