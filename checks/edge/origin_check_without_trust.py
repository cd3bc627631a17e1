"""Does the framework know that the browser used https?"""

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

ASKED = {"csrf-error", "login-loop"}


@check(severity=Severity.HIGH)
def origin_check_without_trust(configs: Configs, topology: Topology) -> Verdicts:
    """Cookies are Secure, and Django is not told which header says https.

    Behind a proxy that ends TLS Django takes requests for http without SECURE_PROXY_SSL_HEADER: its CSRF check compares
    `http://host` with the browser's Origin `https://host` and refuses every form.
    """
    secure = [one for one in configs.session_cookies if one.cookie.secure and one.stack == "django"]
    if not secure:
        raise NotApplicable("no given file has Secure cookies of Django")
    for cookie in secure:
        if any(one.trusts and one.stack == "django" for one in configs.proxy_trusts):
            yield Fine("Django is told which header says https", subject=cookie.owner)
        elif any(one.tls for one in configs.proxies) or ASKED & set(topology.symptoms):
            yield Problem("cookies are Secure and SECURE_PROXY_SSL_HEADER is not set: behind a proxy Django takes "
                          "requests for http", subject=cookie.owner, where=(cookie.owner,), at=cookie.at)  # fmt: skip
        else:
            yield Unknown("whether a proxy ends TLS is not known", subject=cookie.owner)
