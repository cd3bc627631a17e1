"""Formats of Java servers, frameworks and grids: what a small file of each says."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sessiondoctor.configs.xml import Element, read
from sessiondoctor.evidence.configs.fact import CookieRule
from tests.configs.build import configs

Read = tuple[str, str, str, dict[str, Any]]
SERVER = """<?xml version="1.0"?>
<Server port="8005" shutdown="SHUTDOWN">
 <Service name="Catalina">
  <Connector port="8080"/>
  <Engine name="Catalina" defaultHost="localhost"
    jvmRoute="app1">
   <Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster">
     <Manager className="org.apache.catalina.ha.session.BackupManager" expireSessionsOnShutdown="true"/>
     <Channel className="org.apache.catalina.tribes.group.GroupChannel">
      <Membership className="org.apache.catalina.tribes.membership.McastService" address="228.0.0.4"/>
      <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
         address="127.0.0.1"/>
     </Channel>
   </Cluster>
   <Host name="localhost"/>
  </Engine>
 </Service>
</Server>"""
DEFAULT_CHANNEL = """<subsystem xmlns="urn:jboss:domain:jgroups:8.0">
 <channels default="ee"><channel name="ee" stack="tcp" cluster="ejb"/></channels>
 <stacks>
  <stack name="udp"><transport type="UDP"/><protocol type="PING"/></stack>
  <stack name="tcp"><transport type="TCP"/><protocol type="TCPPING"><property name="initial_hosts">a[7600],b[7600]</property></protocol></stack>
 </stacks></subsystem>"""
SPRING = """server:
  servlet.session:
    timeout: 30m
    cookie: {name: SID, same-site: none, secure: true}
  forward-headers-strategy: none
spring:
  session:
    store-type: redis
    redis: {namespace: shop, flush-mode: immediate}
  data.redis: {host: cache, database: 3}
jwt.secret: ${JWT:abcdef}
---
spring.config.activate.on-profile: dev
spring.session.store-type: none
"""
CODE = """@EnableRedisHttpSession(maxInactiveIntervalInSeconds = 60 * 30, redisNamespace = "shop:session", saveMode = SaveMode.ALWAYS)
class Config {
  @Bean CookieSerializer serializer() {
    DefaultCookieSerializer made = new DefaultCookieSerializer();
    // made.setCookieName("OLD");
    made.setCookieName("SID");
    made.setSameSite("None");
    made.setJvmRoute("app1");
"""

READS: list[Read] = [
    ("env", "JAVA_OPTS=-Xmx1g -DjvmRoute=app1\nA=1\n", "routes", {"route": "app1"}),
    ("env", "JAVA_OPTS=-Djgroups.bind.address=127.0.0.1\nA=1\n", "managers", {"bind": "127.0.0.1"}),
    ("env", "KC_CACHE_STACK=udp\nA=1\n", "managers", {"discovery": "multicast"}),
    ("env", "JGROUPS_DISCOVERY_PROTOCOL=dns.DNS_PING\nCACHE_OWNERS_COUNT=1\n", "managers", {"discovery": "none"}),
    ("env", "JGROUPS_DISCOVERY_PROTOCOL=dns.DNS_PING\nCACHE_OWNERS_COUNT=1\n", "managers", {"backups": 0}),
    ("tomcat", SERVER, "routes", {"route": "app1", "setting": "jvmRoute", "stack": "tomcat"}),
    ("tomcat", SERVER, "managers", {"product": "tomcat-backup", "discovery": "multicast", "bind": "127.0.0.1",
                                    "asynchronous": True, "distributable": None}),
    ("tomcat", SERVER, "proxy_trusts", {"trusts": False, "setting": "RemoteIpValve"}),
    ("tomcat", SERVER.replace("/>", ' scheme="https"/>', 1), "proxy_trusts", {"trusts": True}),
    ("tomcat", '<Valve className="org.apache.catalina.valves.RemoteIpValve"/>', "proxy_trusts", {"trusts": True}),
    ("tomcat", '<Engine name="Catalina" defaultHost="localhost">', "routes", {"route": ""}),
    ("tomcat", '<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster" channelSendOptions="6">', "managers",
     {"product": "tomcat-delta", "asynchronous": False}),
    ("tomcat", '<Manager className="com.hazelcast.session.HazelcastSessionManager"/>', "managers",
     {"product": "hazelcast", "sticky": True}),
    ("tomcat", '<Manager className="com.hazelcast.session.HazelcastSessionManager" sticky="false"/>', "session_stores",
     {"place": "cluster"}),
    ("tomcat", ('<Manager className="de.javakaffee.web.msm.MemcachedBackupSessionManager" sticky="false"\n'
               ' memcachedNodes="n1:a:11211,n2:b:11211"/>'), "session_stores",
     {"place": "memcached", "endpoint": "a:11211,b:11211"}),
    ("tomcat", '<Manager className="org.redisson.tomcat.RedissonSessionManager" keyPrefix="s"/>', "session_stores",
     {"place": "redis", "prefix": "s"}),
    ("tomcat", ('<Manager className="org.apache.catalina.session.PersistentManager">\n'
               '<Store className="org.apache.catalina.session.JDBCStore" connectionURL="jdbc:mysql://u:p@db:3306/s"/>'),
     "session_stores", {"place": "sql", "endpoint": "db:3306/s"}),
    ("tomcat", '<Context sessionCookiePath="/"><CookieProcessor sameSiteCookies="none"/></Context>', "session_cookies",
     {"cookie": CookieRule(path="/", same_site="none")}),
    ("web-xml", "<session-timeout>30</session-timeout>", "session_idles", {"seconds": 1800.0}),
    ("web-xml", "<web-app><distributable/>", "managers", {"distributable": True}),
    ("web-xml", "<web-app><session-config/></web-app>", "managers", {"distributable": False}),
    ("web-xml", "<web-app><session-config><cookie-config><name>S</name><secure>true</secure>", "session_cookies",
     {"cookie": CookieRule(name="S", secure=True)}),
    ("web-xml", ("<web-app><context-param><param-name>jakarta.faces.STATE_SAVING_METHOD</param-name>"
                "<param-value>client</param-value></context-param></web-app>"), "secrets",
     {"use": "view-state", "origin": "made-at-start"}),
    ("web-xml", "<filter><filter-class>com.hazelcast.web.WebFilter</filter-class></filter>", "managers", {"sticky": True}),
    ("spring", SPRING, "session_stores", {"place": "redis", "endpoint": "cache:6379", "database": "3", "prefix": "shop"}),
    ("spring", SPRING, "session_idles", {"seconds": 1800.0, "setting": "server.servlet.session.timeout"}),
    ("spring", SPRING, "proxy_trusts", {"trusts": False}),
    ("spring", SPRING, "secrets", {"use": "token", "origin": "environment", "fallback": "literal"}),
    ("spring", SPRING, "settings", {"name": "flush-mode", "value": "immediate"}),
    ("spring", "server.servlet.session.cookie.sameSite=Strict\nserver.servlet.session.cookie.http-only=false\n",
     "session_cookies", {"cookie": CookieRule(same_site="strict", http_only=False)}),
    ("spring", "spring.redis.url=redis://u:pw12345@cache/2\n", "session_stores",
     {"endpoint": "cache:6379", "database": "2", "role": "unknown"}),
    ("spring", "spring.session.jdbc.table-name=S\nspring.datasource.url=jdbc:postgresql://db:5432/shop\n",
     "session_stores", {"place": "sql", "endpoint": "db:5432/shop"}),
    ("spring", "server.port=80\njwt.secret=${random.value}\n", "secrets", {"origin": "made-at-start"}),
    ("java-code", CODE, "session_stores", {"place": "redis", "prefix": "shop:session"}),
    ("java-code", CODE, "session_idles", {"seconds": 1800.0}),
    ("java-code", CODE, "session_cookies", {"cookie": CookieRule(name="SID", same_site="none")}),
    ("java-code", CODE, "settings", {"name": "save-mode", "value": "ALWAYS"}),
    ("java-code", CODE, "routes", {"route": "app1"}),
    ("hazelcast", '<join><multicast enabled="false"/><tcp-ip enabled="true"><member>10.0.0.1</member></tcp-ip></join>',
     "managers", {"discovery": "static", "members": ("10.0.0.1",)}),
    ("hazelcast", "<map name='sessions'><backup-count>0</backup-count></map>", "managers", {"backups": 0}),
    ("hazelcast", "hazelcast:\n  cluster-name: shop\n  network:\n    join:\n      multicast: {enabled: true}\n",
     "managers", {"discovery": "multicast", "settings": (("role", "cluster"), ("cluster", "shop"))}),
    ("hazelcast", "hazelcast:\n  map:\n    s: {backup-count: 0, async-backup-count: 1}\n", "managers",
     {"backups": 1, "asynchronous": True}),
    ("infinispan", '<config xmlns="urn:org:jgroups"><TCP bind_addr="127.0.0.1"/><TCPPING initial_hosts="a[7800]"/>',
     "managers", {"discovery": "static", "bind": "127.0.0.1", "members": ("a:7800",)}),
    ("infinispan", '<distributed-cache name="sessions" owners="1"/>', "managers", {"backups": 0}),
    ("redisson", 'singleServerConfig:\n  address: "redis://:pw12345@cache:6379"\n  database: 3\n', "session_stores",
     {"endpoint": "cache:6379", "database": "3"}),
    ("redisson", "clusterServersConfig:\n  nodeAddresses: ['redis://a:1', 'redis://b:2']\n", "settings",
     {"name": "readMode", "value": "SLAVE"}),
    ("wildfly", '<subsystem xmlns="urn:jboss:domain:undertow:12.0" instance-id="n1">', "routes", {"route": "n1"}),
    ("wildfly", DEFAULT_CHANNEL, "managers", {"discovery": "static", "members": ("a:7600", "b:7600")}),
    ("wildfly", ('<subsystem xmlns="urn:jboss:domain:infinispan:1"><cache-container name="web" default-cache="p">'
                '<local-cache name="p"/>'), "managers", {"distributable": False}),
    ("jetty", "jetty.sessionIdManager.workerName=n1\n", "routes", {"route": "n1", "setting": "workerName"}),
    ("jetty", "--module=session-store-jdbc\n", "session_stores", {"place": "sql"}),
    ("jetty", '<Configure class="org.eclipse.jetty.server.Server"><Set name="workerName">n1</Set>', "routes", {"route": "n1"}),
    ("glassfish", '<session-manager persistence-type="replicated"/>', "managers", {"distributable": True}),
    ("glassfish", "<jvm-options>-DjvmRoute=i1</jvm-options>", "routes", {"route": "i1"}),
    ("weblogic", "<session-descriptor><persistent-store-type>async-replicated</persistent-store-type>", "managers",
     {"distributable": True, "asynchronous": True}),
    ("weblogic", "<session-descriptor><timeout-secs>900</timeout-secs></session-descriptor>", "session_stores",
     {"place": "memory", "default": True}),
]  # fmt: skip


@pytest.mark.parametrize("case", READS, ids=[f"{case[0]}-{number}" for number, case in enumerate(READS)])
def test_what_a_file_says(case: Read) -> None:
    """Recognised by content alone, and read."""
    format_, text, kind, expected = case
    found = configs(text)
    assert [file.format for file in found.files] == [format_]
    assert expected in [{name: getattr(one, name) for name in expected} for one in getattr(found, kind)]


def test_a_profile_that_is_not_deployed_says_nothing() -> None:
    """Sessions in memory are for developers here."""
    assert [store.place for store in configs(SPRING).session_stores] == ["redis"]


def test_a_finding_points_at_the_attribute() -> None:
    """Start tags take several lines."""
    found = configs(SERVER)
    assert (found.routes[0].at.line, found.managers[0].at.line) == (6, 12)


@pytest.mark.parametrize(
    "text", [SPRING, "spring.redis.url=redis://u:pw12345@cache/2\njwt.secret=pw12345\n", SERVER], ids=["a", "b", "c"]
)
def test_no_password_is_shown(text: str) -> None:
    """Not even a default."""
    shown = repr(configs(text))
    assert "pw12345" not in shown
    assert "abcdef" not in shown


def names(element: Element) -> list[tuple[str, int]]:
    """All elements with their lines."""
    return [(one.name, one.line) for one in element.walk() if one.name]


def test_xml_after_a_mistake_is_read() -> None:
    """From the next line on."""
    assert names(read("<a>\n<b/>\n</x>\n<c/>\n<d>")) == [("a", 1), ("b", 2), ("c", 4), ("d", 5)]


def test_xml_of_a_template_and_with_entities() -> None:
    """Neither is expanded."""
    root = read('<!DOCTYPE a [<!ENTITY e "boom">]>\n<a b="<%= @x %>">&e; {{ y }}</a>')
    (element,) = root.children
    assert (element.line, element.get("b"), element.text) == (2, "TEMPLATED", "&e; TEMPLATED")


@pytest.mark.parametrize(
    "text",
    ["<a>" * 200_000, "<a " + 'b="1" ' * 100_000, "<" * 500_000, "a&b;" * 200_000, "<a>\n</b>\n" * 200_000,
     "<!DOCTYPE " * 100_000, "{{" * 500_000, "<?xml " * 200_000, "<!DOCTYPE a [" + '<!ENTITY b "c">' * 50_000 + "]><a/>"],
    ids=["deep", "attributes", "open", "entities", "mistakes", "doctypes", "templates", "declarations", "subset"],
)  # fmt: skip
def test_hostile_xml_ends(text: str) -> None:
    """Within a second, and with few elements."""
    began = time.process_time()
    assert len(names(read(text))) < 1000
    assert time.process_time() - began < 1
