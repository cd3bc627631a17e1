"""The CSV of HAProxy's statistics: `show stat`, or the statistics page with `;csv` (management guide, 9.1).

Columns are found by name: each version appends some. `addr`, `cookie` and `algo` are filled in for a socket of level
operator, and on a page with `stats show-legends`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.balancers.status import BalancerStatus, Server
from sessiondoctor.probes.balancers.status_page import StatusPage, node_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.evidence.balancers.status import Keeping
    from sessiondoctor.topology.model import Balancer, Node

Row = dict[str, str]

_HEADER = "# pxname,svname,"
_ROWS = 5000
_LONGEST = 200  # characters of a value
_NUMBER = re.compile(r"-?[0-9]{1,18}")


def read_statistics(text: str, balancer: Balancer, nodes: Sequence[Node]) -> BalancerStatus:
    """The balancer's servers, all pools together; cookie and algorithm are those of the pool with most nodes.

    Raises:
        Unavailable: the text is no such CSV.
    """
    rows = _rows(text)
    servers = tuple(_server(row, nodes) for row in rows if row["svname"] not in {"FRONTEND", "BACKEND"})
    pools = {row["pxname"]: row for row in rows if row["svname"] == "BACKEND"}
    main = pools.get(_main_pool(servers), {})
    return BalancerStatus(
        balancer=balancer.name,
        kind=balancer.kind,
        algorithm=main.get("algo", ""),
        affinity_cookie=main.get("cookie", ""),
        servers=servers,
        keeping=_keeping(main),
    )


def _rows(text: str) -> list[Row]:
    lines = text.lstrip().splitlines()[:_ROWS]
    if not lines or not lines[0].startswith(_HEADER):
        raise Unavailable(
            "the response is not HAProxy's statistics", hint="declare its page or its Unix socket as stats"
        )
    names = lines[0].removeprefix("# ").split(",")
    try:
        table = [[value[:_LONGEST] for value in values] for values in csv.reader(lines[1:])]
    except csv.Error:
        raise Unavailable("the statistics of HAProxy are damaged") from None
    rows = [dict(zip(names, values, strict=False)) for values in table]
    return [row for row in rows if "svname" in row]


def _server(row: Row, nodes: Sequence[Node]) -> Server:
    return Server(
        pool=row["pxname"],
        name=row["svname"],
        node=node_of(nodes, address=row.get("addr", ""), name=row["svname"], route=row.get("cookie", "")),
        address=row.get("addr", ""),
        status=row.get("status", ""),
        weight=_number(row, "weight") or 0,
        cookie=row.get("cookie", ""),
        sessions=_number(row, "stot") or 0,
        went_down=_number(row, "chkdown") or 0,
        last_change_s=_number(row, "lastchg"),
    )


def _main_pool(servers: Iterable[Server]) -> str:
    """The pool with most declared nodes, else with most servers."""
    weights: Counter[str] = Counter()
    for server in servers:
        weights[server.pool] += _ROWS if server.node else 1
    return max(weights, key=lambda pool: weights[pool], default="")


def _keeping(pool: Row) -> Keeping:
    """A stick table shows here no more than no affinity does."""
    if pool.get("cookie"):
        return "cookie"
    return "address" if pool.get("algo", "").startswith("source") else "unknown"


def _number(row: Row, name: str) -> int | None:
    text = row.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else None


PAGE = StatusPage(
    urls=lambda url: (url if url.endswith(";csv") else f"{url};csv",),
    read=lambda texts, balancer, nodes: read_statistics(texts[0], balancer, nodes),
)
