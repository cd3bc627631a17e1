"""Configuration of Java servers and of ASP.NET for checks."""

from __future__ import annotations

SERVER = """<Server port="8005" shutdown="SHUTDOWN"><Service name="Catalina">
<Engine name="Catalina" defaultHost="localhost" jvmRoute="app1"><Host name="localhost"/></Engine></Service></Server>"""
CLUSTER = """<Engine name="Catalina" defaultHost="localhost" jvmRoute="app1">
<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster">
<Channel className="org.apache.catalina.tribes.group.GroupChannel">
<Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver" %s/>
</Channel></Cluster></Engine>"""
WEB = "<web-app><session-config><session-timeout>30</session-timeout></session-config></web-app>"
JGROUPS = '<config xmlns="urn:org:jgroups"><TCP bind_addr="{0}"/><TCPPING initial_hosts="{1}"/></config>'
HAZELCAST = "hazelcast:\n  cluster-name: %s\n  network:\n    join:\n      kubernetes: {enabled: true}\n"
REPLICATED = "<session-manager persistence-type='replicated'/>"
SPRING_REDIS = "spring.session.store-type=redis\nspring.data.redis.host=cache\n"
STICKY = '<Manager className="com.hazelcast.session.HazelcastSessionManager"/>'
APACHE = """<Proxy balancer://app>
BalancerMember http://a:80 route=app1
BalancerMember http://b:80 route=app2
ProxySet stickysession=JSESSIONID
</Proxy>"""
RING = "services.AddDataProtection(){0};"
FOLDER = '.PersistKeysToFileSystem(new DirectoryInfo("/keys"))'
KEY = '<machineKey validationKey="{0}" decryptionKey="{0}" validation="{1}"/>'
