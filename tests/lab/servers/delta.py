"""Tomcat's cluster: DeltaManager, a copy of every session on every node, or BackupManager, one copy elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class DeltaManager:
    """One member.

    Attributes:
        receiver: the port where it takes changes; `members` are those of the others.
        distributable: whether the application says that its sessions may be copied.
        asynchronous: it answers before it sends its copies, as Tomcat does by itself.
        backup: one copy of each session, in place of one on every node.
    """

    number: int
    receiver: int = 0
    members: tuple[tuple[int, int], ...] = ()
    distributable: bool = True
    asynchronous: bool = False
    backup: bool = False

    @property
    def libraries(self) -> None:
        """It comes with Tomcat."""

    @property
    def manager(self) -> str:
        """Nothing."""
        return ""

    @property
    def web(self) -> str:
        """Without it sessions stay where they are."""
        return "<distributable/>" if self.distributable else ""

    @property
    def engine(self) -> str:
        """The cluster, with its members named: there is no multicast here."""
        members = "".join(MEMBER.format(number=number, port=port) for number, port in self.members)
        manager = BACKUP if self.backup else DELTA
        options = 8 if self.asynchronous else 6
        return CLUSTER.format(port=self.receiver, members=members, options=options, manager=manager, number=self.number)

    def prepare(self, conf: Path) -> None:
        """Everything is in server.xml."""


MEMBER = (
    '<Member className="org.apache.catalina.tribes.membership.StaticMember" host="127.0.0.1" port="{port}" '
    'domain="lab" uniqueId="{{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,{number}}}"/>'
)
DELTA = """
        <Manager className="org.apache.catalina.ha.session.DeltaManager" expireSessionsOnShutdown="false"
                 stateTransferTimeout="2" notifyListenersOnReplication="true"/>"""
BACKUP = """
        <Manager className="org.apache.catalina.ha.session.BackupManager" expireSessionsOnShutdown="false"
                 mapSendOptions="6"/>"""
# Synchronous, with an acknowledgement: what a node answered is on the others by then.
CLUSTER = """
      <Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster" channelSendOptions="{options}"
               channelStartOptions="3">{manager}
        <Channel className="org.apache.catalina.tribes.group.GroupChannel">
          <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver" address="127.0.0.1" port="{port}"
                    autoBind="0" minThreads="2" maxThreads="6"/>
          <Sender className="org.apache.catalina.tribes.transport.ReplicationTransmitter">
            <Transport className="org.apache.catalina.tribes.transport.nio.PooledParallelSender"/>
          </Sender>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.TcpPingInterceptor" interval="300"/>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.TcpFailureDetector"/>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor"/>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor">
            {members}
          </Interceptor>
        </Channel>
        <Valve className="org.apache.catalina.ha.tcp.ReplicationValve" filter=""/>
        <Valve className="org.apache.catalina.ha.session.JvmRouteBinderValve"/>
        <ClusterListener className="org.apache.catalina.ha.session.ClusterSessionListener"/>
      </Cluster>"""
