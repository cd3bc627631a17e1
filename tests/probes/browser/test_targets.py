from __future__ import annotations

import pytest

from sessiondoctor.probes.browser.targets import headers_for, site_trust
from sessiondoctor.topology.model import Node, Site
from sessiondoctor.wire.trust import Trust

HEADERS = {"Authorization": "Basic c2VjcmV0", "Cookie": "gate=secret", "Host": "shop.test"}


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://10.0.0.1:3000/.well-known/jwks.json", True),
        ("http://10.0.0.1:3001/jwks", False),
        ("https://10.0.0.1:3000/jwks", False),
        ("http://idp.example/jwks", False),
    ],
)
def test_headers_of_a_node_belong_to_its_origin(url: str, own: bool) -> None:  # noqa: FBT001 - a case
    """Scheme, host and port; another one would learn its secrets."""
    node = Node("app1", "http://10.0.0.1:3000/", headers=HEADERS)
    assert headers_for(node, url) == (tuple(HEADERS.items()) if own else ())
    assert headers_for(Node("app1", headers=HEADERS), url) == ()


def test_what_the_topology_says_of_the_site() -> None:
    """Each key in its place."""
    site = Site("https://shop.test/", ca="ca", insecure=True, client_cert="cert", client_key="key", http="2")
    assert site_trust(site) == Trust("ca", verify=False, cert="cert", key="key", http="2")
    assert site_trust(Site("https://shop.test/")) == Trust()


def test_what_holds_for_nodes_too() -> None:
    """They have their own authorities; that the site speaks HTTP/2 says nothing of them."""
    site = Trust("site-ca", verify=False, cert="cert", key="key", http="1.1")
    assert Trust("own-ca").beside(site) == Trust("own-ca", verify=False, cert="cert", key="key", http="1.1")
    assert Trust().beside(Trust("site-ca", http="2")) == Trust()
    assert Trust(cert="own").beside(site).key == ""
