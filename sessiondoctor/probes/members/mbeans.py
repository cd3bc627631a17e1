"""MBeans of Java servers that tell of a cluster and of sessions, whoever hands them over.

Attributes: Tomcat 10.1 (`ha/session/mbeans-descriptors.xml` and the channel's, seen with 10.1.60), and Infinispan's
`DefaultCacheManager` (seen with 15.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.members.views import MemberView, SessionManager

PATTERNS = ("*:type=Manager,*", "*:type=Cluster,*", "ClusterChannel:*", "*:type=CacheManager,*")
"""The object names that are asked for."""

_COPYING = {"DeltaManager", "BackupManager"}
_OF_TOMCAT_ITSELF = re.compile(r"/(?:manager|host-manager|docs|examples)")
_ASYNCHRONOUS = 8  # Channel.SEND_OPTIONS_ASYNCHRONOUS
_SENT = ("counterSend_EVT_SESSION_CREATED", "counterSend_EVT_SESSION_DELTA")
_RECEIVED = ("counterReceive_EVT_SESSION_CREATED", "counterReceive_EVT_SESSION_DELTA")
_MET = (*_RECEIVED, "counterReceive_EVT_GET_ALL_SESSIONS", "counterReceive_EVT_ALL_SESSION_TRANSFERCOMPLETE")
_MOST = 2000  # beans
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Bean:
    """One MBean: the keys of its name, and its attributes as texts."""

    keys: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """An attribute as a text, cut; empty without it."""
        value = self.values.get(name)
        return str(value)[:_LONGEST] if isinstance(value, str | int | float) else ""

    def count(self, name: str) -> int:
        """An attribute as a number, 0 without it and where it is negative: what Tomcat means by no limit."""
        text = self.text(name)
        return min(int(text), 2**63) if re.fullmatch(r"[0-9]{1,18}", text) else 0

    def has(self, name: str) -> bool:
        """Whether it has the attribute."""
        return name in self.values


def keys_of(name: str) -> dict[str, str]:
    """The keys of an object name, `domain:key=value,key="quoted,value"`."""
    found = re.findall(r'([A-Za-z]{1,50})=("[^"]{0,300}"|[^,"]{0,300})', name.partition(":")[2][:2000])
    return {key: value.strip('"') for key, value in found}


def view_of(beans: Iterable[Bean], node: str) -> MemberView:
    """A Tomcat's view of its cluster.

    Raises:
        Unavailable: no manager of sessions is among the beans.
    """
    beans = tuple(beans)[:_MOST]
    managers = [one for one in beans if one.keys.get("type") == "Manager" and not _is_of_tomcat_itself(one)]
    caches = next((one for one in beans if one.has("clusterMembers")), None)
    if caches is not None and not any(_is_cluster(one) for one in beans):
        return _of_infinispan(caches, node, tuple(_manager(one) for one in managers))
    if not managers:
        hint = "nodes[].management of kind tomcat is the URL of its JMX proxy: http://host:8080/manager/jmxproxy"
        raise Unavailable("no session manager of an application is told there", hint=hint)
    cluster = next((one for one in beans if _is_cluster(one)), None)
    if cluster is None:
        return MemberView(node, "tomcat", managers=tuple(_manager(one) for one in managers))
    members = {_address(one): one.text("local").lower() == "true" for one in beans if _is_member(one)}
    queue = next((one for one in beans if one.has("MaxQueueSize")), Bean())
    return MemberView(
        node=node,
        product="tomcat",
        address=next((address for address, own in members.items() if own), ""),
        members=tuple(sorted(members)),
        size=len(members),
        left=len(members) == 1 and any(one.count(name) for one in managers for name in _MET),
        asynchronous=bool(cluster.count("channelSendOptions") & _ASYNCHRONOUS),
        queued=queue.count("CurrentSize"),
        queue_limit=queue.count("MaxQueueSize"),
        managers=tuple(_manager(one) for one in managers),
    )


def _of_infinispan(bean: Bean, node: str, managers: tuple[SessionManager, ...]) -> MemberView:
    """The members of a cache manager, `[a, b]`; one that is not clustered says `local`."""
    told = str(bean.values["clusterMembers"])[:20_000].strip("[]")
    members = tuple(sorted(name for part in told.split(",") if (name := part.strip()) and name != "local"))
    return MemberView(
        node=node,
        product="infinispan",
        address=bean.text("nodeAddress"),
        members=members,
        size=len(members),
        coordinator=bean.text("coordinatorAddress"),
        managers=managers,
    )


def _is_cluster(bean: Bean) -> bool:
    return bean.keys.get("type") == "Cluster" and bean.has("channelSendOptions")


def _is_member(bean: Bean) -> bool:
    told = bean.keys.get("type") == "Cluster" and bean.keys.get("component") == "Member"
    return told and bean.has("hostname") and bean.text("failing").lower() != "true"


def _address(member: Bean) -> str:
    return f"{member.text('hostname')}:{member.count('port')}"


def _is_of_tomcat_itself(bean: Bean) -> bool:
    return _OF_TOMCAT_ITSELF.fullmatch(bean.keys.get("context", "")) is not None


def _manager(bean: Bean) -> SessionManager:
    kind = bean.text("className").rpartition(".")[2]
    counted = any(bean.has(name) for name in _SENT)
    return SessionManager(
        application=bean.keys.get("context", "")[:_LONGEST],
        kind=kind,
        copies=kind in _COPYING if kind in {*_COPYING, "StandardManager", "PersistentManager"} else None,
        active=bean.count("activeSessionsFull") or bean.count("activeSessions"),
        created=bean.count("sessionCounter"),
        rejected=bean.count("rejectedSessions") if bean.has("rejectedSessions") else None,
        limit=bean.count("maxActiveSessions"),
        sent=sum(map(bean.count, _SENT)) if counted else None,
        received=sum(map(bean.count, _RECEIVED)) if counted else None,
    )
