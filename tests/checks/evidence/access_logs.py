"""Evidence for checks of what access logs say."""

from __future__ import annotations

from typing import Any

from sessiondoctor.evidence.access_logs import AccessLog


def log(**changes: Any) -> AccessLog:
    """A thousand sessions on two nodes."""
    settings: dict[str, Any] = {"sessions": 1000, "again": 800, "nodes": {"app1": 5000, "app2": 5000}}
    return AccessLog("edge", "access.log", **(settings | changes))


MEET, RETRY, FAMILIES = "sessions-meet-several-nodes", "retries-reach-other-nodes", "session-uses-both-families"
LEAVE, ADDRESS, ROUTES = (
    "sessions-leave-absent-nodes",
    "moved-sessions-change-address",
    "session-id-names-several-nodes",
)
PATHS, REFUSED = "paths-go-to-other-nodes", "moved-sessions-are-refused"
EXCERPT = "excerpt-changes-address"
NEW_IDS, BORN, REPLACED = "clients-get-new-sessions", "sessions-born-at-once", "nodes-replaced-in-log"
