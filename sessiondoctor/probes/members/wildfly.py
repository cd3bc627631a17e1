"""WildFly's management API over HTTP: the cache container of web sessions, and the sessions of each deployment.

WildFly documentation, "The HTTP Management API" (GET reads resources), 34.0. It tells no members: what is
compared is the coordinator, which all members of one view have in common.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.members.views import MemberView, SessionManager
from sessiondoctor.probes.browser.json_page import at, entries, parse_json, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAGES = (
    ("/subsystem/infinispan/cache-container/web", "operation=resource&include-runtime=true&recursive=true"),
    ("/deployment/*/subsystem/undertow", "operation=resource&include-runtime=true"),
    ("/subsystem/jgroups/channel/*", "operation=resource&include-runtime=true"),
)
_VIEW = re.compile(r"\[[^\]|]{1,200}\|([0-9]{1,9})\] \([0-9]{1,5}\) \[([^\]]{1,20000})\]")


def urls(url: str) -> tuple[str, ...]:
    """The resources, below `/management`."""
    parts = urlsplit(url)
    root = parts.path.rstrip("/") or "/management"
    return tuple(parts._replace(path=root + path, query=query).geturl() for path, query in _PAGES)


def read(texts: Sequence[str], node: str) -> MemberView:
    """Its coordinator, and which of its deployments have a cache in the cluster.

    Raises:
        Unavailable: the first text is no resource of WildFly.
    """
    container = parse_json(texts[0])
    if at(container, "cache-manager-status") is None:
        hint = "declare http://user:${PASSWORD}@host:9990/management of a server with the subsystem infinispan"
        raise Unavailable(
            "the response is not from WildFly's management API with a cache container for web sessions", hint=hint
        )
    own, coordinator = words(at(container, "local-address")), words(at(container, "coordinator-address"))
    number, members = _view(texts[2])
    return MemberView(
        node=node,
        product="wildfly",
        address=own,
        members=members,
        size=len(members or ()) or int(bool(own)),
        coordinator=coordinator,
        view=number,
        left=members == (own,) and bool(number),
        managers=tuple(_manager(one, container) for one in entries(parse_json(texts[1]))),
    )


def _view(text: str) -> tuple[int | None, tuple[str, ...] | None]:
    """The first view that a channel tells, `[coordinator|number] (size) [members]`."""
    told = (words(at(one, "result", "view")) for one in entries(parse_json(text)))
    found = next((match for view in told if (match := _VIEW.search(view))), None)
    if found is None:
        return None, None
    return int(found[1]), tuple(sorted(name.strip() for name in found[2].split(",")))


def _manager(deployment: Any, container: Any) -> SessionManager:
    name = next((words(at(part, "deployment")) for part in entries(at(deployment, "address"))), "")
    counts = at(deployment, "result")
    shared = at(container, "cache", name) is not None
    kind = _kind(container) if shared else "local"
    return SessionManager(
        application=name,
        kind=kind,
        copies=shared and kind != "local-cache",
        active=_count(at(counts, "active-sessions")),
        created=_count(at(counts, "sessions-created")),
        rejected=_count(refused) if type(refused := at(counts, "rejected-sessions")) is int else None,
        limit=_count(at(counts, "max-active-sessions")),
        backups=_backups(container) if shared else None,
    )


def _kind(container: Any) -> str:
    """The kind of the default cache, which deployments take unless they name another."""
    default = words(at(container, "default-cache"))
    kinds = ("distributed-cache", "replicated-cache", "invalidation-cache", "scattered-cache", "local-cache")
    return next((kind for kind in kinds if at(container, kind, default) is not None), "")


def _backups(container: Any) -> int | None:
    owners = at(container, "distributed-cache", words(at(container, "default-cache")), "owners")
    return max(0, owners - 1) if type(owners) is int else None


def _count(value: Any) -> int:
    return max(0, value) if type(value) is int else 0
