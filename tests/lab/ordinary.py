"""One textbook fault in 24 set-ups that sites have: `python -m tests.lab.ordinary` prints what a scan says of each.

Three Express nodes with sessions in their memory and one secret, behind Caddy's round robin. A POST is answered by a
page or by a redirect, answers name their node or do not, the topology file has the nodes' URLs or only the flow, and
its mode is one of three. In all of them nothing keeps a client on its node and nothing is shared.
"""

# ruff: noqa: T201 - a command prints
from __future__ import annotations

import argparse
import itertools
import json
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from tests.lab import proofs
from tests.lab.cluster import FLOW, Cluster, write_topology
from tests.lab.edge import start_balancer
from tests.lab.scan import scan
from tests.lab.servers.caddy import Caddy
from tests.lab.servers.express import Express
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.lab.scan import Scan

Mode = Literal["auto", "sticky", "external"]

RIGHT = frozenset({"lb-no-affinity", "node-local-store"})
"""Two truths of one fact: either way out ends it."""
LIKELY = 0.5
COLUMNS = ("POST", "named", "nodes", "mode", "right", "first cause", "p", "others >= .5", "verdict", "exit", "in place")


@dataclass(frozen=True, slots=True)
class Setup:
    """One of the 24.

    Attributes:
        prg: whether a POST is answered by a redirect (303) rather than a page (200).
        named: whether a header of each answer names the node, and the flow says which.
        nodes: whether the topology file has the nodes' URLs.
        mode: `site.mode` of the topology file.
    """

    prg: bool
    named: bool
    nodes: bool
    mode: Mode

    @property
    def cells(self) -> tuple[str, ...]:
        """Itself, in a table."""
        return ("303" if self.prg else "200", _mark(self.named), _mark(self.nodes), self.mode)


SETUPS = tuple(itertools.starmap(Setup, itertools.product((False, True), (True, False), (False, True), get_args(Mode))))


@dataclass(frozen=True, slots=True)
class Said:
    """What a scan said of a set-up.

    Attributes:
        others: wrong causes at .5 or more.
        in_place: whether it says that a node has lost a session of its own.
        lost: whether any check saw a loss.
    """

    setup: Setup
    first: str
    probability: float
    others: tuple[str, ...]
    verdict: str
    exit_code: int
    in_place: bool
    lost: bool

    @property
    def is_right(self) -> bool:
        """Whether the fault comes first."""
        return self.first in RIGHT

    @property
    def cells(self) -> tuple[str, ...]:
        """One row of the table."""
        said = (self.first or "-", f"{self.probability:.2f}", ", ".join(self.others) or "-")
        return (
            *self.setup.cells,
            _mark(self.is_right),
            *said,
            self.verdict,
            str(self.exit_code),
            "IN PLACE" if self.in_place else "-",
        )


@contextmanager
def running(*, prg: bool, named: bool) -> Iterator[tuple[Workspace, Cluster]]:
    """The servers of the set-ups that differ only in what the topology file says; the fault is proven."""
    with Workspace() as workspace:
        secret = secrets.token_hex(16)
        nodes = tuple(
            Express(f"app{number}", port=workspace.port(3000 + number), secret=secret, named=named, prg=prg)
            for number in (1, 2, 3)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, Caddy(affinity="round_robin"), nodes)
        cluster = Cluster(
            site=f"http://127.0.0.1:{balancer.port}/",
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=workspace.directory / "sessiondoctor.yaml",
            secrets=frozenset({secret}),
        )
        proofs.state_is_lost(cluster)
        proofs.nodes_keep_their_own(cluster)
        yield workspace, cluster


def described(cluster: Cluster, setup: Setup) -> Mapping[str, Any]:
    """What a user writes down."""
    flow = {step: FLOW[step] for step in FLOW if setup.named or step != "node"}
    nodes = [{"name": name, "url": url} for name, url in cluster.nodes.items()]
    site = {"url": cluster.site, "mode": setup.mode, "flow": flow}
    return {"site": site, **({"nodes": nodes} if setup.nodes else {})}


def measured(setups: tuple[Setup, ...] = SETUPS) -> Iterator[Said]:
    """Scan them all, those of the same servers together."""
    for (prg, named), together in itertools.groupby(setups, key=lambda setup: (setup.prg, setup.named)):
        with running(prg=prg, named=named) as (workspace, cluster):
            for setup in together:
                topology = write_topology(workspace.directory, described(cluster, setup))
                yield said(setup, scan(replace(cluster, topology=topology)))


def said(setup: Setup, done: Scan) -> Said:
    """What matters of a report."""
    report = done.report
    stated = [*report["diagnosis"], *report["differential"]]
    failed = [finding for finding in report["findings"] if finding["status"] == "fail"]
    return Said(
        setup=setup,
        first=stated[0]["cause"] if stated else "",
        probability=stated[0]["probability"] if stated else 0.0,
        others=tuple(one["cause"] for one in stated[1:] if one["probability"] >= LIKELY and one["cause"] not in RIGHT),
        verdict=report["verdict"],
        exit_code=done.exit_code,
        in_place=any(_says_in_place(finding) for finding in failed),
        lost=report["verdict"] == "fault-found" or any("los" in finding["summary"] for finding in failed),
    )


def _says_in_place(finding: Mapping[str, Any]) -> bool:
    return finding["check"] == "state-lost-in-place" or "made itself" in finding["summary"]


def table(all_said: list[Said]) -> str:
    """The figures as Markdown."""
    rows = [COLUMNS, tuple("---" for _ in COLUMNS), *(one.cells for one in all_said)]
    right, others = sum(one.is_right for one in all_said), sum(bool(one.others) for one in all_said)
    exits = sum(one.exit_code == 0 for one in all_said)
    in_place, unseen = sum(one.in_place for one in all_said), sum(not one.lost for one in all_said)
    figures = (
        f"Right first: {right} of {len(all_said)}. With another cause at .5 or more: {others}. Exit 0: {exits}. "
        f"Called in place: {in_place}. Loss not seen: {unseen}."
    )
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", figures])


def main() -> int:
    """Measure all 24, or some; 1 if the fault is not first somewhere."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.ordinary", description=__doc__)
    parser.add_argument("--post", choices=("200", "303"), help="only these")
    parser.add_argument("--named", choices=("yes", "no"), help="only where answers name the node, or do not")
    parser.add_argument("--nodes", choices=("yes", "no"), help="only with the nodes' URLs, or without")
    parser.add_argument("--mode", choices=get_args(Mode), help="only this mode")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every row to a file")
    options = parser.parse_args()
    wanted = (options.post, options.named, options.nodes, options.mode)
    chosen = tuple(
        setup for setup in SETUPS if all(wish in {None, cell} for wish, cell in zip(wanted, setup.cells, strict=True))
    )
    rows = []
    for row in measured(chosen):
        rows.append(row)
        print(" ".join(row.cells), flush=True)
    print("\n" + table(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return int(not all(row.is_right for row in rows))


def _mark(fact: object) -> str:
    return "yes" if fact else "no"


if __name__ == "__main__":
    raise SystemExit(main())
