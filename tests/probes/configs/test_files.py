"""Configuration that a topology declares is evidence of a scan; nobody is contacted for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.configs.files import plan
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Balancer, Node, Site, Topology

if TYPE_CHECKING:
    from pathlib import Path

    from sessiondoctor.evidence.configs.files import Configs


class Context:
    """All that the probe asks of its context."""

    redactor = Redactor()


def declared(folder: Path) -> Topology:
    """A balancer and a node with a file each."""
    (folder / "nginx.conf").write_text("upstream app {\n  ip_hash;\n  server a:80;\n  server b:80;\n}\n")
    (folder / "notes").write_text("hello\n")
    balancer = Balancer("edge", "nginx", config=(str(folder / "nginx.conf"),))
    return Topology(
        Site("https://shop.test/"), load_balancers=(balancer,), nodes=(Node("app1", config=(str(folder / "notes"),)),)
    )


def only(topology: Topology) -> Probe | Absent:
    """The one entry of the plan."""
    (entry,) = plan(topology, Options())
    return entry


def test_declared_files_are_read_under_the_components_name(tmp_path: Path) -> None:
    """What nobody knows is named."""
    probe = only(declared(tmp_path))
    assert isinstance(probe, Probe)
    assert probe.contacts == {}
    found: Configs = asyncio.run(cast("Any", probe.ask(cast("Any", Context()))))
    assert [(one.owner, one.at.line) for one in found.affinities] == [("edge", 2)]
    assert [(one.owner, one.format) for one in found.files] == [("edge", "nginx"), ("app1", "")]


def test_a_file_that_is_gone_is_no_pass(tmp_path: Path) -> None:
    """It could not be looked at."""
    probe = only(declared(tmp_path))
    (tmp_path / "nginx.conf").unlink()
    assert isinstance(probe, Probe)
    with pytest.raises(Unavailable, match="cannot be read"):
        asyncio.run(cast("Any", probe.ask(cast("Any", Context()))))


def test_without_files_it_is_said_what_to_declare() -> None:
    """Not an error."""
    entry = only(Topology(Site("https://shop.test/")))
    assert isinstance(entry, Absent)
    assert "config" in entry.hint
