"""What members say of their clusters; the samples are what real servers wrote (`samples/`)."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.members.views import MemberView, SessionManager, islands
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.members.views import READERS, plan
from sessiondoctor.topology.model import Management, ManagementKind, Node
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import ask, context, topology
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from tests.fakes.serving import Answer

PASSWORD = "s3cret-pw"
NONE_SUCH = '{"request":{"mbean":"*:type=CacheManager,*","type":"read"},"error":"none","status":404}'
HAZELCAST_HEALTH = (
    '{"nodeState":"ACTIVE","clusterState":"ACTIVE","clusterSafe":true,"migrationQueueSize":0,"clusterSize":2}'
)
"""As Hazelcast 5.5.0 answered, and below."""


def sample(name: str) -> str:
    """A page as a real server wrote it."""
    return (Path(__file__).parent / "samples" / name).read_bytes().decode()


def tomcat(node: str) -> MemberView:
    """The view of a Tomcat 10.1.60 by its JMX proxy."""
    pages = [sample(f"tomcat_{node}_{page}.txt") for page in ("manager", "cluster", "channel")]
    return READERS["tomcat"].read([*pages, "OK - Number of results: 0\n"], node)


def wildfly(node: str) -> MemberView:
    """The view of a WildFly 34.0.1 by its management API."""
    return READERS["wildfly"].read([sample(f"wildfly_{node}_web.json"), sample("wildfly_wa_undertow.json"), ""], node)


def test_tomcat() -> None:
    """Members with their addresses, its manager, what it sent; not Tomcat's own manager application."""
    view = tomcat("app1")
    assert (view.address, view.members, view.size) == ("127.0.0.1:27015", ("127.0.0.1:27015", "127.0.0.1:31835"), 2)
    assert (view.asynchronous, view.queued, view.queue_limit, view.left) == (False, 0, 67108864, False)
    assert view.managers == (
        SessionManager("/", "DeltaManager", copies=True, active=1, created=1, rejected=0, sent=2, received=0),
    )


def test_a_tomcat_alone() -> None:
    """It has a cluster of one, and never met anybody."""
    view = tomcat("app3")
    assert (view.size, len(view.members or ()), view.left) == (1, 1, False)


def test_a_tomcat_that_was_not_always_alone() -> None:
    """It counts what others once sent."""
    told = sample("tomcat_app3_manager.txt").replace("SESSION_CREATED: 0", "SESSION_CREATED: 3")
    pages = [told, sample("tomcat_app3_cluster.txt"), sample("tomcat_app3_channel.txt"), "OK - Number of results: 0\n"]
    assert READERS["tomcat"].read(pages, "app3").left


def test_a_tomcat_without_a_cluster() -> None:
    """Its manager keeps sessions to itself."""
    told = sample("tomcat_app3_manager.txt").replace("ha.session.DeltaManager", "session.StandardManager")
    view = READERS["tomcat"].read([told, *["OK - Number of results: 0\n"] * 3], "app3")
    assert (view.size, view.members, view.managers[0].copies) == (0, None, False)


def test_jolokia_tells_the_same() -> None:
    """The same beans as JSON, by Jolokia 2.1."""
    pages = [sample(f"jolokia_{page}.json") for page in ("manager", "cluster", "channel")]
    view = READERS["jolokia"].read([*pages, NONE_SUCH], "app1")
    assert (view.address, view.members) == ("127.0.0.1:22351", ("127.0.0.1:22351", "127.0.0.1:22773"))
    assert view.managers == (
        SessionManager("/", "DeltaManager", copies=True, active=1, created=1, rejected=0, sent=2, received=0),
    )
    assert view.queue_limit == 67108864


def test_hazelcast() -> None:
    """Addresses without the brackets; the number alone where only health is told."""
    told = (
        '{"members":[{"address":"[127.0.0.1]:30043","liteMember":false,"localMember":true,'
        '"uuid":"ffbd3df2-3b71-40b6-855d-00c7a4215e4f","memberVersion":"5.5.0"},'
        '{"address":"[127.0.0.1]:28530","liteMember":false,"localMember":false,'
        '"uuid":"c6d27d6d-a9ba-40d8-8b7c-3eb53a75ad77","memberVersion":"5.5.0"}],'
        '"connectionCount":1,"allConnectionCount":2}'
    )
    view = READERS["hazelcast"].read([HAZELCAST_HEALTH, told], "app1")
    assert (view.address, view.members, view.size) == ("127.0.0.1:30043", ("127.0.0.1:28530", "127.0.0.1:30043"), 2)
    assert READERS["hazelcast"].read([HAZELCAST_HEALTH, ""], "app1") == MemberView("app1", "hazelcast", size=2)


def test_wildfly() -> None:
    """Both have one coordinator, and the application a cache with two owners."""
    one, other = wildfly("wa"), wildfly("wb")
    assert [(view.address, view.coordinator) for view in (one, other)] == [("wa", "wa"), ("wb", "wa")]
    assert one.managers == (
        SessionManager("ROOT.war", "distributed-cache", copies=True, active=1, rejected=0, backups=1),
    )
    assert (one.knows(other), islands((one, other))) == (True, (("wa", "wb"),))


def test_a_view_of_jgroups() -> None:
    """Where a channel tells its view, that is read: number and members."""
    channel = '[{"outcome": "success", "result": {"view": "[wa|3] (2) [wa, wb]"}}]'
    view = READERS["wildfly"].read([sample("wildfly_wa_web.json"), "[]", channel], "wa")
    assert (view.view, view.members, view.size, view.left) == (3, ("wa", "wb"), 2, False)


@pytest.mark.parametrize(("number", "left"), [(0, False), (2, True)])
def test_a_member_that_is_alone_in_a_later_view_had_others(number: int, left: bool) -> None:  # noqa: FBT001
    """The first view of JGroups has the number 0."""
    channel = f'[{{"outcome": "success", "result": {{"view": "[wa|{number}] (1) [wa]"}}}}]'
    view = READERS["wildfly"].read([sample("wildfly_wa_web.json"), "[]", channel], "wa")
    assert (view.view, view.members, view.left) == (number, ("wa",), left)


def test_keycloak() -> None:
    """The gauge of Infinispan, among all other metrics of Keycloak 26.0."""
    view = READERS["keycloak"].read([sample("keycloak_metrics.txt")], "kc1")
    assert (view.size, view.members) == (2, None)
    assert view.address


def test_islands() -> None:
    """Who knows whom, also by a third; who tells no names is in none."""
    one, two, three = (
        MemberView("app1", "tomcat", "a", ("a", "b"), 2),
        MemberView("app2", "tomcat", "b", ("a", "b"), 2),
        MemberView("app3", "tomcat", "c", ("c",), 1),
    )
    assert islands((one, two, three, MemberView("app4", "keycloak", size=1))) == (("app1", "app2"), ("app3",))


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "text", ["", "<html>Sign in</html>", "[]", "{}", '{"status": 200}', "[" * 5000, "null", "OK - "]
)
def test_something_else(kind: ManagementKind, text: str) -> None:
    """No view comes from a page that is none; the hint says what is."""
    with pytest.raises(Unavailable) as caught:
        READERS[kind].read([text] * 4, "app1")
    assert caught.value.hint


@given(text=st.text(max_size=300), value=st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=9))
@settings(max_examples=60)
def test_nothing_that_a_server_says_is_trusted(text: str, value: object) -> None:
    """Beans of any shape are read or refused."""
    beans = {
        text: {"className": value, "activeSessions": value, "hostname": value},
        "a:type=Manager,context=/": {"className": value, "sessionCounter": value, "clusterMembers": value},
        "a:type=Cluster": {"channelSendOptions": value},
    }
    told = json.dumps({"request": {}, "status": 200, "value": beans})
    for kind in READERS:
        with suppress(Unavailable):
            READERS[kind].read([told] * 4, "app1")
        with suppress(Unavailable):
            READERS[kind].read([f"OK - Number of results: 1\n\nName: {text}\n{text}: {value}\n"] * 4, "app1")


@pytest.mark.parametrize("line", ["Name: a:type=Manager,context=/x\n\n", "Name: " + 'a="' * 9 + "\n\n", "a: b\n", "\n"])
def test_a_megabyte_takes_no_time(line: str) -> None:
    """However often it says the same."""
    text = "OK - Number of results: 9\n\n" + line * (1_000_000 // len(line))
    began = time.process_time()
    with suppress(Unavailable):
        READERS["tomcat"].read([text] * 4, "app1")
    assert time.process_time() - began < 3


def node(port: int, kind: ManagementKind) -> Node:
    """A node that tells its state there."""
    return Node("app1", management=Management(kind, Secret(f"http://doctor:{PASSWORD}@127.0.0.1:{port}/admin")))


def seen(answer: Answer, kind: ManagementKind = "keycloak") -> tuple[MemberView, list[bytes]]:
    """What the probe finds, and the heads of the requests."""

    async def run() -> tuple[MemberView, list[bytes]]:
        async with serve(answer) as server:
            of = topology(nodes=(node(server.port, kind),))
            (probe,) = plan(of, Options())
            assert isinstance(probe, Probe)
            found = await asyncio.to_thread(ask, probe, context(of))
            return found, list(server.requests)

    return asyncio.run(run())


def page(body: str, status: str = "200 OK", *headers: str) -> bytes:
    """A response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def test_who_asks_for_no_login_gets_none() -> None:
    """Neither in what is requested nor in a header."""
    view, requests = seen(lambda _: page(sample("keycloak_metrics.txt")))
    assert (view.size, len(requests)) == (2, 1)
    assert b"authorization" not in requests[0].lower()
    assert PASSWORD.encode() not in requests[0]


@pytest.mark.parametrize("challenge", [("WWW-Authenticate: Basic realm=x",), ()])
def test_a_login_in_the_clear(challenge: tuple[str, ...]) -> None:
    """In the second request, to this machine, and to nobody but who says 401."""

    def answer(request: bytes) -> bytes:
        known = b"Authorization: Basic ZG9jdG9yOnMzY3JldC1wdw==" in request
        return page(sample("keycloak_metrics.txt")) if known else page("", "401 Unauthorized", *challenge)

    view, requests = seen(answer)
    assert (view.size, len(requests)) == (2, 2)
    assert b"authorization" not in requests[0].lower()


def test_a_challenge_is_answered() -> None:
    """WildFly asks for a digest (RFC 7616); the password is then in no header of the second request."""
    challenge = 'WWW-Authenticate: Digest realm="ManagementRealm", nonce="AA", opaque="00", algorithm=MD5, qop=auth'

    def answer(request: bytes) -> bytes:
        if b"Digest " not in request:
            return page("", "401 Unauthorized", challenge)
        return page(sample("wildfly_wa_web.json") if b"/infinispan/" in request.split(b"\r\n")[0] else "[]")

    view, requests = seen(answer, "wildfly")
    assert (view.address, len(requests)) == ("wa", 6)
    assert not [request for request in requests if b"basic" in request.lower()]
    assert all(b'realm="ManagementRealm"' in request for request in requests[1::2])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page("", "401 Unauthorized"), "demands a login"),
        (page("", "401 Unauthorized", "WWW-Authenticate: Digest realm=x"), "demands a login"),
        (page("", "302 Found", "Location: http://evil.test/"), "redirects elsewhere"),
        (page("", "500 Oops"), "status 500"),
        (page("x" * 1_100_000), "more than 1 MiB"),
        (page("hello"), "no metric"),
    ],
)
def test_no_view(answer: bytes, reason: str) -> None:
    """The reason says what came instead, and never the password."""
    with pytest.raises(Unavailable) as caught:
        seen(lambda _: answer)
    assert reason in caught.value.reason
    assert PASSWORD not in caught.value.reason + caught.value.hint


def test_nodes_that_do_not_say() -> None:
    """Nothing is asked of them."""
    (entry,) = plan(topology(nodes=(Node("app1"),)), Options())
    assert isinstance(entry, Absent)
    assert "nodes[].management" in entry.hint
