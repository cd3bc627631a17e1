"""How the site is spoken with: which certificates to accept and to show, and what version of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.wire.trust import Trust

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Site


def site_trust(site: Site) -> Trust:
    """What the topology says of the site."""
    return Trust(site.ca, not site.insecure, site.client_cert, site.client_key, site.http or "")
