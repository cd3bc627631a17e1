"""Are sessions replicated that the application or the server means to replicate?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    Inconclusive,
    Manager,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    check,
)

KEPT_ELSEWHERE = {"redis", "sql", "memcached", "other", "cookie"}


@check(severity=Severity.HIGH)
def application_not_distributable(configs: Configs, topology: Topology) -> Verdicts:
    """Replication is configured in one place and missing in the other.

    It needs a cluster in the server and `<distributable/>` in web.xml, and no server says so if one of them is
    missing. Judged of whole files: a web.xml without the element beside a cluster, a server without a cluster beside
    the element, or either of them where `site.mode` is `replicated`.
    """
    if any(one.place in KEPT_ELSEWHERE and one.role == "session" for one in configs.session_stores):
        raise NotApplicable("sessions are kept in a store")
    asks, refuses = _said(configs, asked=True), _said(configs, asked=False)
    clusters = [one for one in configs.clusters() if one.product != "hazelcast"]
    if not asks and not refuses and not clusters:
        raise NotApplicable("no given file says whether sessions are replicated")
    declared = topology.mode() == "replicated" and not configs.replicated_by()
    wanted = bool(clusters or asks) or declared
    wrong = [one for one in refuses if wanted and (one.product != "servlet" or clusters or declared)]
    for one in wrong:
        yield Problem(_text(one), subject=one.owner, where=(one.owner,), at=one.at, detail=one.product)
    if wrong:
        return
    halves = {one.product == "servlet" for one in asks} | ({False} if clusters else set())
    if wanted and len(halves) == 1:
        raise Inconclusive("one half of it is in the given files: give web.xml and the server's configuration")
    yield Fine("no file contradicts another about replication")


def _said(configs: Configs, *, asked: bool) -> list[Manager]:
    """Those who ask for replication, or in whole files do not."""
    return [one for one in configs.managers if one.distributable is asked]


def _text(one: Manager) -> str:
    if one.product == "servlet":
        return "web.xml has no <distributable/>: the server keeps this application's sessions to itself"
    if one.product == "tomcat":
        return "server.xml has no <Cluster>: sessions stay in this node"
    if one.setting("kind") == "local":
        return f"the cache {one.setting('name')!r} that holds sessions is local: sessions stay in this node"
    kind = one.setting("persistence-type") or one.setting("persistent-store-type") or "local"
    return f"{one.product} keeps sessions to itself ({kind})"
