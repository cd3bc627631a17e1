"""Options of a Java virtual machine and of clustered images in environment variables.

Sources: Keycloak's "Configuring distributed caches" (KC_CACHE_STACK, jgroups.dns.query); the images of WildFly and
Keycloak before 17 (JGROUPS_DISCOVERY_PROTOCOL, CACHE_OWNERS_COUNT); Tomcat's Engine (jvmRoute).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.java import clusters
from sessiondoctor.configs.values import whole
from sessiondoctor.evidence.configs.application import Manager, Route
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.configs.environment import Variable
    from sessiondoctor.evidence.configs.fact import Fact

_OPTIONS = ("JAVA_OPTS", "JAVA_OPTS_APPEND", "JAVA_OPTS_KC_HEAP", "JAVA_TOOL_OPTIONS", "CATALINA_OPTS", "JAVA_ARGS")
_STACKS = {"udp": "multicast", "tcp": "multicast", "kubernetes": "dns", "jdbc-ping": "jdbc", "jdbc-ping-udp": "jdbc"}
_GIVEN = regex(r"-D(jvmRoute|jgroups\.dns\.query|jgroups\.bind[._]addr(?:ess)?)=(\"[^\"]*\"|\S+)")


def facts(known: Mapping[str, Variable]) -> Iterator[Fact]:
    """What these variables, by upper-case name, say of routes and clusters."""
    given = [(found[1], found[2].strip('"'), known[name]) for name in _OPTIONS if name in known
             for found in _GIVEN.finditer(known[name].value[:20_000])]  # fmt: skip
    for option, value, variable in given:
        if option == "jvmRoute" and "$" not in value:
            yield Route(at=variable.at, route=value, stack="tomcat")
        elif option.startswith("jgroups.bind") and clusters.is_loopback(value):
            yield _cluster(variable, bind=value)
    queries = [(value, variable) for option, value, variable in given if option == "jgroups.dns.query"]
    yield from (_cluster(variable, "dns", members=(value,)) for value, variable in queries)
    if not queries:
        yield from _discovery(known)
    copies = known.get("CACHE_OWNERS_COUNT")
    if copies and (count := whole(copies.known)):
        yield Manager(at=copies.at, product="infinispan", backups=count - 1, stack="wildfly",
                      settings=(("role", "cache"), ("name", "sessions")))  # fmt: skip


def _discovery(known: Mapping[str, Variable]) -> Iterator[Fact]:
    """The stack or protocol that is named; `none` where it needs a name to ask for, and all options are in hand."""
    hidden = any(not known[name].known for name in _OPTIONS if name in known)
    stack, protocol = known.get("KC_CACHE_STACK"), known.get("JGROUPS_DISCOVERY_PROTOCOL")
    if stack and stack.known in _STACKS:
        way = _STACKS[stack.known]
        if not (way == "dns" and hidden):
            yield _cluster(stack, "none" if way == "dns" else way)
    if protocol and (way := clusters.discovery_of(protocol.known)):
        asks = known.get("JGROUPS_DISCOVERY_PROPERTIES")
        yield _cluster(protocol, "none" if way == "dns" and not asks else way)


def _cluster(variable: Variable, discovery: str = "", bind: str = "", members: tuple[str, ...] = ()) -> Manager:
    return Manager(at=variable.at, product="jgroups", discovery=discovery, bind=bind, members=members,
                   settings=(("role", "cluster"),), stack="wildfly")  # fmt: skip
