"""Cookie names by which products are known to keep a client on a node, and names of CSRF cookies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class AffinityFormat:
    """Who makes an affinity cookie and what its value can tell.

    Attributes:
        product: the balancer, or `unknown`.
        opaque: the value never names the node; two values can only be compared.
        rotates: the value changes with every response, so a change says nothing about the node.
    """

    product: str
    opaque: bool = False
    rotates: bool = False


_ROTATING = AffinityFormat("aws-alb", opaque=True, rotates=True)
_CITRIX_LOGINS = "AAAC|EPAC|ESNS|TASS|TMAA|TMAC|TMAS|USER"  # set by Citrix Gateway at a login, not for affinity
# Names are matched whole. Cookies whose value names the node come first, then those that only compare. F5 and Citrix
# may encrypt their values; those that they do not are recognised by their shape.
_NAMES: Final[dict[str, AffinityFormat]] = {
    r"ROUTEID|BALANCEID": AffinityFormat("apache"),  # httpd, mod_proxy_balancer manual
    r"route|srv_id": AffinityFormat("nginx"),
    r"SERVERID|SERVER_ID|SERVERNAME|SRV|SRVID|SRVNAME|HAPROXYID": AffinityFormat("haproxy"),
    r"BIGipServer.*": AffinityFormat("f5", opaque=True),
    rf"NSC_(?!(?:{_CITRIX_LOGINS})\Z).+": AffinityFormat("citrix", opaque=True),
    r"INGRESSCOOKIE": AffinityFormat("ingress-nginx", opaque=True),
    r"AWSALB(CORS|TG|TGCORS)?|AWSALBAPP-\d": _ROTATING,
    r"AWSELB(CORS)?": AffinityFormat("aws-clb", opaque=True),
    r"GCLB|GCILB": AffinityFormat("gclb", opaque=True),
    r"ARRAffinity(SameSite)?": AffinityFormat("azure-app-service", opaque=True),
    r"ApplicationGatewayAffinity(CORS)?": AffinityFormat("azure-app-gateway", opaque=True),
    r"ASLBSA(CORS)?": AffinityFormat("azure-front-door", opaque=True),
    r"__cflb": AffinityFormat("cloudflare", opaque=True),
    r"heroku-session-affinity": AffinityFormat("heroku", opaque=True),
    r"__VCAP_ID__": AffinityFormat("cloud-foundry", opaque=True),
    r"X-Oracle-BMC-LBS-Route|X-Oracle-OCI-.+": AffinityFormat("oci", opaque=True),
    r"DO-LB": AffinityFormat("digitalocean", opaque=True),
    r"X-Mapping-.+": AffinityFormat("zeus", opaque=True),
    r"BNI_.+|BNES_.+|barra_.+": AffinityFormat("barracuda", opaque=True),
    r"nlbi_.+|incap_ses_.+": AffinityFormat("imperva", opaque=True),
    r"X-Contour-Session-Affinity": AffinityFormat("contour", opaque=True),
}
_HINT: Final = r"(?i)lb|.*(affinity|sticky).*"  # `lb` is Caddy's, and anybody's
_CSRF: Final = r"(?i).*(csrf|xsrf|antiforgery|requestverificationtoken).*"


@lru_cache(maxsize=128)
def affinity_by_name(name: str) -> AffinityFormat | None:
    """The product whose affinity cookies have this name, `unknown` if the name only says what it is for."""
    for pattern, known in _NAMES.items():
        if re.fullmatch(pattern, name, re.DOTALL):
            return known
    return AffinityFormat("unknown") if re.fullmatch(_HINT, name, re.DOTALL) else None


def is_csrf_name(name: str) -> bool:
    """Whether a cookie of this name holds a token against cross-site request forgery."""
    return re.fullmatch(_CSRF, name, re.DOTALL) is not None
