"""What a scan would ask; nothing is contacted."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.catalogue.check_files import Need, builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.context import Options
from sessiondoctor.evidence.network.clocks import Clocks
from sessiondoctor.evidence.network.names import Names
from sessiondoctor.evidence.stores.census import Census
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.pipeline.plan import Plan, make_plan
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.topology.model import Site, Store, Topology, bare
from tests.diagnosis.build import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SITE = bare("https://shop.test/")


async def unasked(_context: Any) -> Any:
    """No probe runs here."""
    raise AssertionError


def probe(
    kind: type, subject: str = "site", *, contacts: dict[str, int] | None = None, needs: tuple[type, ...] = ()
) -> Probe:
    """A probe that must not be asked."""
    return Probe(kind, subject, f"asks for {kind.__name__}", contacts or {}, unasked, needs)


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Puts a planner in the place of the probe module of some evidence; returns the list of its calls."""
    calls: list[str] = []

    def install(module: str, *entries: Probe | Absent) -> list[str]:
        stand_in: Any = ModuleType(f"sessiondoctor.probes.{module}")

        def plan(_topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
            calls.append(module)
            yield from entries

        stand_in.plan = plan
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
        return calls

    return install


def plan_for(*kinds: type, topology: Topology = SITE) -> Plan:
    """The plan for one check that needs these kinds of evidence."""
    needs = tuple(Need(f"p{n}", kind, many=False, optional=False) for n, kind in enumerate(kinds))
    return make_plan([check("asks", needs=needs)], topology, Options())


def test_only_what_the_checks_need_is_planned(planned: Callable[..., list[str]]) -> None:
    """A module that fills several kinds of evidence gives just those that were asked for."""
    planned("stores.census", probe(Census, "a"), probe(RedisServer, "a"), probe(Census, "b"))
    planned("network.names", probe(Names))
    plan = plan_for(Census)
    assert [(p.evidence, p.subject) for p in plan.probes] == [(Census, "a"), (Census, "b")]


def test_what_a_probe_builds_on_is_planned_once(planned: Callable[..., list[str]]) -> None:
    """However many need it, and needs of needs, too."""
    planned("network.clocks", probe(Clocks, needs=(Names,)))
    planned("stores.census", probe(Census, needs=(Names, RedisServer)))
    planned("stores.redis_server", probe(RedisServer))
    calls = planned("network.names", probe(Names))
    plan = plan_for(Clocks, Census, Names)
    assert [p.evidence for p in plan.probes] == [Census, Clocks, Names, RedisServer]
    assert calls.count("network.names") == 1


def test_the_topology_needs_no_probe() -> None:
    """It is given."""
    assert plan_for(Topology) == Plan((), ())


def test_what_is_not_declared_is_kept_with_its_hint(planned: Callable[..., list[str]]) -> None:
    """For `--plan` and for the findings."""
    absent = Absent(Names, "site", "no name", "add dns.name")
    planned("network.names", absent)
    assert plan_for(Names).absent == (absent,)


def test_contacts_are_summed_over_the_probes(planned: Callable[..., list[str]]) -> None:
    """The most that can go to each host and port."""
    planned("network.names", probe(Names, contacts={"a:1": 2, "b:2": 1}))
    planned("network.clocks", probe(Clocks, contacts={"a:1": 3}))
    assert plan_for(Names, Clocks).contacts() == {"a:1": 5, "b:2": 1}


def test_the_order_does_not_depend_on_the_checks(planned: Callable[..., list[str]]) -> None:
    """The same scan, the same plan."""
    planned("network.names", probe(Names))
    planned("network.clocks", probe(Clocks))
    assert plan_for(Names, Clocks) == plan_for(Clocks, Names)


@pytest.mark.parametrize(
    "topology",
    [
        SITE,
        bare("http://127.0.0.1:1/"),
        Topology(site=Site("https://shop.test/"), stores=(Store(name="s", kind="sql", url=()),)),
    ],
    ids=["url", "loopback", "sql"],
)
def test_every_piece_of_evidence_is_planned_or_explained(topology: Topology) -> None:
    """For all checks that come with the package: no probe module leaves a kind out in silence."""
    checks = tuple(Catalogue((builtin(),)).checks.values())
    plan = make_plan(checks, topology, Options())
    entries: tuple[Probe | Absent, ...] = (*plan.probes, *plan.absent)
    wanted = {need.evidence for one in checks for need in one.needs} - {Topology}
    assert {entry.evidence for entry in entries} >= wanted
    # Whoever declares a store of another kind needs no hint.
    assert all(entry.reason and (entry.hint or topology.stores) for entry in plan.absent)
    assert all(p.describe and p.timeout_s > 0 for p in plan.probes)
