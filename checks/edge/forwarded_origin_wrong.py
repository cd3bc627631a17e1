"""Does the application learn the scheme, host and port that the browser used?"""

from collections.abc import Iterator

from sessiondoctor.api import Configs, Fine, Header, NotApplicable, Problem, Proxy, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def forwarded_origin_wrong(configs: Configs) -> Verdicts:
    """A proxy forwards another scheme, host or port than the browser used.

    Frameworks compare the browser's Origin with what the proxy forwards: forms fail with a valid token, and redirects
    lead elsewhere. `$host` has no port, and `$server_port` is the proxy's own, not the one behind a port mapping; a
    proxy that takes plain http behind another and sets X-Forwarded-Proto to its own scheme overwrites https.
    """
    with_headers = [one for one in configs.proxies if one.headers]
    if not with_headers:
        raise NotApplicable("no given file sets forwarded headers")
    found = list({(one.owner, header.at.line): (one, header, why)
                  for one in with_headers for header, why in _wrong(one)}.values())  # fmt: skip
    for proxy, header, why in found:
        yield Problem(why, subject=proxy.owner, where=(proxy.owner,), at=header.at, detail=header.name)
    if not found:
        yield Fine("what is forwarded is what the browser used")


def _wrong(proxy: Proxy) -> Iterator[tuple[Header, str]]:
    host = proxy.header("x-forwarded-host")
    if host and "$server_port" in host.value:
        yield host, f"X-Forwarded-Host is {host.value}: $server_port is the proxy's port, not the browser's"
    proto = proxy.header("x-forwarded-proto")
    if proto and proxy.tls and proto.value == "http":
        yield proto, "X-Forwarded-Proto is set to http where TLS ends"
    if proto and proto.value == "$scheme" and proxy.tls is False and _behind_tls(proxy):
        yield proto, "X-Forwarded-Proto is overwritten with $scheme, and clients come over TLS that ends further out"


def _behind_tls(proxy: Proxy) -> bool:
    """Other headers say that a proxy in front ended TLS."""
    return any("https" in header.value or "$http_x_forwarded" in header.value for header in proxy.headers)
