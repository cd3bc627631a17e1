"""Keycloak's metrics (`/metrics` of the management port, Prometheus text): how many members each cache manager counts.

Keycloak documentation, "Gaining insights with metrics"; the gauges are those of Infinispan, seen with Keycloak 26.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.members.views import MemberView

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIZE = re.compile(
    r"^vendor_cache_container_health_number_of_nodes\{([^}\n]{0,400})\} ([0-9]{1,6})(?:\.0)?$", re.MULTILINE
)
_NODE = re.compile(r'node="([^"]{1,200})"')


def urls(url: str) -> tuple[str, ...]:
    """The metrics."""
    parts = urlsplit(url)
    return (parts._replace(path=parts.path if parts.path.rstrip("/") else "/metrics").geturl(),)


def read(texts: Sequence[str], node: str) -> MemberView:
    """The size of its cluster, by its largest gauge.

    Raises:
        Unavailable: no gauge of Infinispan is among the metrics.
    """
    found = list(_SIZE.finditer(texts[0]))
    if not found:
        hint = "start Keycloak with --metrics-enabled=true, and declare http://host:9000/metrics"
        raise Unavailable("no metric tells the size of a cluster", hint=hint)
    largest = max(found, key=lambda one: int(one[2]))
    named = _NODE.search(largest[1])
    return MemberView(node, "keycloak", address=named[1] if named else "", size=int(largest[2]))
