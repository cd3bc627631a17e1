"""Session managers of Tomcat and filters of web.xml by their class: what each is, and where it keeps sessions.

Sources: Tomcat's "The Manager Component", and the manuals of Hazelcast's and Redisson's Tomcat managers, of
memcached-session-manager and of the two Redis managers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.values import boolean, endpoint, seconds
from sessiondoctor.evidence.configs.application import Manager, SessionIdle, SessionStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

_PRODUCTS = (
    ("org.apache.catalina.ha.session.DeltaManager", "tomcat-delta"),
    ("org.apache.catalina.ha.session.BackupManager", "tomcat-backup"),
    ("org.apache.catalina.session.StandardManager", "tomcat-standard"),
    ("org.apache.catalina.session.PersistentManager", "tomcat-persistent"),
    ("com.hazelcast.session.", "hazelcast"),
    ("org.redisson.tomcat.", "redisson"),
    ("de.javakaffee.web.msm.", "memcached-session-manager"),
    ("com.orangefunction.", "redis-session-manager"),
    ("com.radiadesign.catalina.session.", "redis-session-manager"),
    ("tomcat.request.session.redis.", "redis-session-manager"),
    ("org.apache.geode.", "geode"),
)
_STORES: dict[str, StorePlace] = {"FileStore": "files", "JDBCStore": "sql", "DataSourceStore": "sql"}
_KEPT = (
    "name", "readMode", "updateMode", "keyPrefix", "mapName", "deferredWrite", "clientOnly", "lockingMode",
    "failoverNodes", "transcoderFactoryClass", "sessionBackupAsync", "expireSessionsOnShutdown", "maxActiveSessions",
    "sessionPersistPolicies", "pathname", "saveOnRestart", "maxIdleBackup", "stateTransferTimeout",
    "sessionAttributeFilter",
)  # fmt: skip


def product_of(class_name: str) -> str:
    """A short name for a manager's class; the class's own last word if it is not known."""
    known = next((name for start, name in _PRODUCTS if class_name.startswith(start)), "")
    return known or class_name.rpartition(".")[2] or "tomcat-standard"


def manager(element: Element, text: Text) -> Iterator[Fact]:
    """A `<Manager>` of Tomcat, whatever makes it."""
    class_name = element.get("className")
    product = product_of(class_name)
    at = text.at(element.line_of("className"), element.column)
    yield Manager(at=at, product=product, sticky=_sticky(element, product), asynchronous=_later(element, product),
                  settings=_settings(element), stack="tomcat")  # fmt: skip
    yield from _store(element, product, at, text)
    life = seconds(element.get("maxInactiveInterval"))
    if life and life > 0:
        yield SessionIdle(at=text.at(element.line_of("maxInactiveInterval")), seconds=life,
                          setting="maxInactiveInterval", stack="tomcat")  # fmt: skip


def _sticky(element: Element, product: str) -> bool | None:
    """Hazelcast's manager and memcached-session-manager count on affinity unless told otherwise."""
    if product in {"hazelcast", "memcached-session-manager"}:
        return boolean(element.get("sticky")) is not False
    return None


def _later(element: Element, product: str) -> bool | None:
    if product == "memcached-session-manager":
        return _sticky(element, product) and boolean(element.get("sessionBackupAsync")) is not False
    return None


def _settings(element: Element) -> tuple[tuple[str, str], ...]:
    return tuple((name, element.get(name)) for name in _KEPT if element.get(name))


def _store(element: Element, product: str, at: Location, text: Text) -> Iterator[Fact]:
    if product == "tomcat-standard":
        yield SessionStore(at=at, place="memory", stack="tomcat")
    elif product == "tomcat-persistent":
        for store in element.all("Store"):
            place = _STORES.get(store.get("className").rpartition(".")[2], "other")
            yield SessionStore(at=text.at(store.line, store.column), place=place, stack="tomcat",
                               endpoint=_place_of(store))  # fmt: skip
    elif product == "redisson":
        yield SessionStore(at=at, place="redis", prefix=element.get("keyPrefix") or None, stack="tomcat")
    elif product == "redis-session-manager":
        where = f"{element.get('host')}:{element.get('port') or '6379'}" if element.get("host") else ""
        yield SessionStore(at=at, place="redis", endpoint=where, database=element.get("database"), stack="tomcat")
    elif product == "memcached-session-manager" and not _sticky(element, product):
        yield _memcached(element, at)
    elif product == "hazelcast" and not _sticky(element, product):
        yield SessionStore(at=at, place="cluster", prefix=element.get("mapName") or None, stack="tomcat")


def _place_of(store: Element) -> str:
    """A folder, or the host of a JDBC URL; never user or password."""
    url = store.get("connectionURL")
    return jdbc_host(url) if url else store.get("directory")


def jdbc_host(url: str) -> str:
    """`host:port/database` of a JDBC URL; empty where it has none or it is filled in elsewhere."""
    found = re.match(r"jdbc:(?:[a-z0-9]+:){0,3}(?:thin:@)?//([^/?;\s]{1,200})(/[^?;\s]{0,100})?", url)
    if not found or "${" in url:
        return ""
    return endpoint(f"x://{found[1].rpartition('@')[2]}")[0] + (found[2] or "")


def _memcached(element: Element, at: Location) -> SessionStore:
    nodes = element.get("memcachedNodes")
    place: StorePlace = "redis" if nodes.startswith("redis") else "memcached"
    where = endpoint(nodes)[0] if place == "redis" else _without_ids(nodes)
    return SessionStore(at=at, place=place, endpoint=where, stack="tomcat",
                        serializer=element.get("transcoderFactoryClass").rpartition(".")[2])  # fmt: skip


def _without_ids(nodes: str) -> str:
    """`n1:host1:11211,n2:host2:11211` as a list of host:port."""
    found = re.findall(r"(?:[\w-]+:)?([\w.-]+:[0-9]{1,5})(?:[,\s]|$)", nodes[:2000])
    return ",".join(found)
