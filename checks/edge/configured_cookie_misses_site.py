"""Does the configured Domain cover the hosts that are served?"""

import re
from urllib.parse import urlsplit

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check

HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)


@check(severity=Severity.HIGH)
def configured_cookie_misses_site(configs: Configs, topology: Topology) -> Verdicts:
    """The configured cookie's Domain covers no host of the site.

    Browsers drop a cookie whose Domain is not the host or a parent of it (RFC 6265bis, 5.7). Compared are the site's
    URL and the host names that given proxies serve.
    """
    cookies = [one for one in configs.session_cookies if HOST.fullmatch(one.cookie.domain.strip("."))]
    hosts = {host.lower() for proxy in configs.proxies for host in proxy.host.split() if HOST.fullmatch(host)}
    site = urlsplit(topology.site.url).hostname
    hosts |= {site} if site else set()
    if not cookies or not hosts:
        raise NotApplicable("no given files say both the cookie's Domain and the site's host")
    for cookie in cookies:
        domain = cookie.cookie.domain.strip(".").lower()
        if any(host == domain or host.endswith(f".{domain}") for host in hosts):
            yield Fine(f"Domain={domain} covers the site", subject=cookie.owner)
        else:
            served = ", ".join(sorted(hosts)[:3])
            yield Problem(f"the cookie is set for Domain={domain}, which does not cover {served}", subject=cookie.owner,
                          where=(cookie.owner,), at=cookie.at)  # fmt: skip
