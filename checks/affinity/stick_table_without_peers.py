"""Do several balancers share their table of clients?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, StickTable, Topology, Verdicts, check


@check(severity=Severity.MEDIUM, false_alarm=0.002)
def stick_table_without_peers(configs: Configs, topology: Topology) -> Verdicts:
    """Several balancers do not share their table of clients.

    A client that comes through the other balancer, or after a restart of its own, is sent to any server.
    """
    tables = [table for table in configs.stick_tables if table.key]
    if not tables:
        raise NotApplicable("no given file has a table of clients")
    owners = {pool.owner for pool in configs.pools if pool.product == "haproxy"}
    declared = [one.name for one in topology.load_balancers if one.kind == "haproxy" and not one.behind]
    if len(owners) < 2 and len(declared) < 2:  # one balancer has nobody to share with
        raise NotApplicable("only one balancer is known")
    alone = [table for table in tables if not table.peers]
    yield from (_problem(table) for table in alone)
    if not alone:
        yield Fine("the tables are shared with peers")


def _problem(table: StickTable) -> Problem:
    return Problem(f"the stick-table of {table.pool or 'the backend'} has no peers, and there are several balancers",
                   subject=table.owner, where=(table.owner,), at=table.at, detail=table.pool)  # fmt: skip
