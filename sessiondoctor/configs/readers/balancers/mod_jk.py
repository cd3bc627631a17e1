"""mod_jk: workers.properties (tomcat.apache.org/connectors-doc, Workers)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.evidence.configs.balancing import Affinity, Pool, PoolServer
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "mod_jk workers (workers.properties)"
_LINE = regex(r"^[ \t]*worker\.(?:list|([\w-]+)\.([\w-]+))[ \t]*=[ \t]*([^\n]*)", re.MULTILINE)


def score(_name: str, head: str) -> int:
    """Lines `worker.NAME.PROPERTY=`."""
    return min(92, 70 + 5 * len(_LINE.findall(head[:20_000]))) if _LINE.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """The load balancers and their members; a member's route is its name unless `route` says otherwise."""
    workers: dict[str, dict[str, tuple[str, int]]] = {}
    for number, line in enumerate(text.text.split("\n"), 1):
        found = _LINE.match(line)
        if found and found[1]:
            workers.setdefault(found[1], {})[found[2]] = (found[3].strip(), number)
    for name, settings in workers.items():
        members = settings.get("balance_workers") or settings.get("balanced_workers")
        if members:
            yield from _balancer(name, settings, members, workers, text)


def _balancer(
    name: str,
    settings: dict[str, tuple[str, int]],
    members: tuple[str, int],
    workers: dict[str, dict[str, tuple[str, int]]],
    text: Text,
) -> Iterator[Fact]:
    names = [word for word in re.split(r"[,\s]+", members[0]) if word]
    servers = []
    for member in names:
        told = workers.get(member, {})
        address = ":".join(filter(None, (told.get("host", ("", 0))[0], told.get("port", ("", 0))[0])))
        route = told.get("route", told.get("jvm_route", (member, 0)))[0]
        role = "disabled" if told.get("activation", ("", 0))[0][:1] in {"d", "D", "s", "S"} else ""
        place = min((line for _, line in told.values()), default=members[1])
        servers.append(
            PoolServer(member, address, route, seconds(told.get("lbfactor", ("", 0))[0]), role, text.at(place))
        )
    yield Pool(at=text.at(members[1]), name=name, servers=tuple(servers), product="mod_jk",
               algorithm=settings.get("method", ("", 0))[0])  # fmt: skip
    sticky, line = settings.get("sticky_session", ("true", members[1]))
    kept = boolean(sticky) is not False
    cookie = settings.get("session_cookie", ("JSESSIONID", 0))[0]
    yield Affinity(
        at=text.at(line),
        pool=name,
        by="app-cookie" if kept else "nothing",
        how="name" if kept else "",
        key=cookie,
        cookie=CookieRule(name=cookie),
        directive=f"sticky_session={sticky}",
        product="mod_jk",
    )
