"""A list of checks says the same as the checks themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.catalogue.headings import Heading, headings
from sessiondoctor.library import catalogue_with
from sessiondoctor.model import Severity

if TYPE_CHECKING:
    from pathlib import Path


def test_the_heading_of_each_check_is_that_of_its_module() -> None:
    """Read from the text of the file, for all of ours."""
    catalogue = catalogue_with(())
    read = list(headings(catalogue))
    assert all(isinstance(one, Heading) for one in read)
    loaded = [(one.id, one.family, one.severity, one.title) for one in catalogue.checks.values()]
    assert [(one.id, one.family, one.severity, one.title) for one in read] == loaded


def test_a_check_of_a_pack_is_loaded(tmp_path: Path) -> None:
    """Whatever it is written like."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "own_check.py").write_text(
        "from sessiondoctor.api import Severity, Topology, Verdicts, check\n\nHIGH = Severity.HIGH\n\n"
        "@check(severity=HIGH)\ndef own_check(topology: Topology) -> Verdicts:\n"
        '    """Our own question."""\n    yield from ()\n',
        encoding="utf-8",
    )
    own = {one.id: one for one in headings(catalogue_with([tmp_path]))}["own-check"]
    assert (own.severity, own.title) == (Severity.HIGH, "Our own question")
