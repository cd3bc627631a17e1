"""Checks of configuration files: family replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.configs_java import CLUSTER, HAZELCAST, JGROUPS, REPLICATED, SERVER, SPRING_REDIS, WEB
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

DOWN = topology(symptoms=("logged-out-at-node-loss",))
DEPLOYMENT = "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: shop}\nspec: {replicas: 2}\n"
DISTRIBUTABLE = WEB.replace("<web-app>", "<web-app><distributable/>")
REDISSON = '<Manager className="org.redisson.tomcat.RedissonSessionManager"/>'
OFF = "hazelcast:\n  network:\n    join:\n      multicast: {enabled: false}\n"
KEYCLOAK = """kind: StatefulSet
apiVersion: apps/v1
metadata: {{name: kc}}
spec:
  replicas: 2
  template: {{spec: {{containers: [{{name: kc, image: 'quay.io/keycloak/keycloak:24', env: [
    {{name: KC_CACHE_STACK, value: kubernetes}},
    {0}]}}]}}}}
"""
MAP = "<map name='{0}'><backup-count>{1}</backup-count></map>"
OWNERS = '<distributed-cache name="sessions" owners="{0}"/>'

CASES = [
    case("cluster-bound-to-loopback", FAIL, configs(JGROUPS.format("127.0.0.1", "a[7800],b[7800]")), says="listens on 127.0.0.1"),
    case("cluster-bound-to-loopback", FAIL, configs(CLUSTER % 'address="localhost"'), says="localhost"),
    case("cluster-bound-to-loopback", PASS, configs(JGROUPS.format("10.0.0.1", "a[7800],b[7800]"))),
    case("cluster-bound-to-loopback", PASS, configs(JGROUPS.format("127.0.0.1", "127.0.0.1[7800],127.0.0.1[7900]"))),
    case("cluster-bound-to-loopback", PASS, configs(JGROUPS.format("${jgroups.bind:127.0.0.1}", "a[7800]"))),
    case("cluster-bound-to-loopback", NOT, configs(SERVER)),
    case("cluster-found-by-multicast", FAIL, configs(CLUSTER % "", DEPLOYMENT), says="does not pass here"),
    case("cluster-found-by-multicast", FAIL, configs(CLUSTER % ""), DOWN, says="many networks drop"),
    case("cluster-found-by-multicast", UNSURE, configs(CLUSTER % "")),
    case("cluster-found-by-multicast", PASS, configs(JGROUPS.format("10.0.0.1", "a[7800]"), DEPLOYMENT)),
    case("cluster-found-by-multicast", NOT, configs(SERVER, DEPLOYMENT)),
    case("cluster-discovery-unset", FAIL, configs(KEYCLOAK.format("")), says="no way to find"),
    case("cluster-discovery-unset", FAIL, configs(OFF), DOWN),
    case("cluster-discovery-unset", UNSURE, configs(OFF), topology(nodes=())),
    case("cluster-discovery-unset", PASS, configs(KEYCLOAK.format("{name: JAVA_OPTS_APPEND, value: -Djgroups.dns.query=kc}"))),
    case("cluster-discovery-unset", NOT, configs(KEYCLOAK.format("{name: JAVA_OPTS_APPEND, valueFrom: {configMapKeyRef: {name: x, key: y}}}"))),
    case("cluster-settings-differ", FAIL, configs(app1=HAZELCAST % "a", app2=HAZELCAST % "b"), says="cluster is b"),
    case("cluster-settings-differ", FAIL, configs(app1=CLUSTER % "", app2=JGROUPS.format("10.0.0.1", "a[7800]")), says="product"),
    case("cluster-settings-differ", PASS, configs(app1=HAZELCAST % "a", app2=HAZELCAST % "a")),
    case("cluster-settings-differ", PASS, configs(app1=JGROUPS.format("10.0.0.1", "a[1]"), app2=JGROUPS.format("10.0.0.2", "a[1]"))),
    case("cluster-settings-differ", NOT, configs(HAZELCAST % "a", HAZELCAST % "b")),
    case("application-not-distributable", FAIL, configs(CLUSTER % "", WEB), says="web.xml has no"),
    case("application-not-distributable", FAIL, configs(SERVER, DISTRIBUTABLE), says="server.xml has no"),
    case("application-not-distributable", FAIL, configs(SERVER), topology(mode="replicated"), says="server.xml"),
    case("application-not-distributable", FAIL, configs("<session-manager persistence-type='memory'/>", DISTRIBUTABLE), says="glassfish keeps sessions to itself (memory)"),
    case("application-not-distributable", PASS, configs(CLUSTER % "", DISTRIBUTABLE)),
    case("application-not-distributable", PASS, configs(SERVER, WEB)),
    case("application-not-distributable", PASS, configs(REPLICATED, DISTRIBUTABLE)),
    case("application-not-distributable", NOT, configs(SPRING_REDIS, SERVER, DISTRIBUTABLE)),
    case("application-not-distributable", NOT, configs("<session-timeout>30</session-timeout>")),
    case("replication-asynchronous", FAIL, configs(CLUSTER % ""), says="after the response"),
    case("replication-asynchronous", PASS, configs((CLUSTER % "").replace("<Cluster ", '<Cluster channelSendOptions="6" '))),
    case("replication-asynchronous", NOT, configs(WEB)),
    case("sessions-without-backup", FAIL, configs(MAP.format("spring:session:sessions", 0)), says="backup-count is 0"),
    case("sessions-without-backup", FAIL, configs(OWNERS.format(1)), says='owners="1"'),
    case("sessions-without-backup", FAIL, configs(MAP.format("default", 0)), DOWN),
    case("sessions-without-backup", UNSURE, configs(MAP.format("default", 0))),
    case("sessions-without-backup", PASS, configs(MAP.format("sessions", 1))),
    case("sessions-without-backup", PASS, configs(OWNERS.format(2))),
    case("sessions-without-backup", NOT, configs('<distributed-cache name="sessions" owners="1"><memory max-count="10000"/></distributed-cache>')),
    case("session-managers-mixed", FAIL, configs(CLUSTER % "", REDISSON), says="redisson"),
    case("session-managers-mixed", FAIL, configs(SPRING_REDIS, REDISSON), says="Spring Session (redis)"),
    case("session-managers-mixed", PASS, configs(REDISSON)),
    case("session-managers-mixed", PASS, configs(app1=CLUSTER % "", app2=REDISSON)),
    case("session-managers-mixed", NOT, configs(SERVER, WEB)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
