"""Loading checks and cause pages from folders; `test_builtin_catalogue` is about those that come with the package."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue, unknown
from sessiondoctor.errors import CatalogueError, UsageError
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.stores.census import Census
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.model import Severity
from sessiondoctor.topology.model import JVM, Topology
from tests.fakes.packs import write_cause, write_check, write_module, write_page

if TYPE_CHECKING:
    from pathlib import Path

ONE = """
from sessiondoctor.api import *

@check(severity=Severity.HIGH)
def two() -> Verdicts:
    "One."
    yield Fine()
"""
TWO = f"""{ONE}

@check(severity=Severity.HIGH)
def other() -> Verdicts:
    "Two."
    yield Fine()
"""


def loaded(pack: Path) -> Catalogue:
    """The catalogue of one pack, with everything in it read."""
    catalogue = Catalogue((pack,))
    assert catalogue.checks is not None
    assert catalogue.causes is not None
    return catalogue


def refused(pack: Path) -> str:
    """What the catalogue says of a pack that does not fit."""
    with pytest.raises(CatalogueError) as caught:
        loaded(pack)
    return str(caught.value)


def test_the_place_of_a_file_is_its_registration(tmp_path: Path) -> None:
    """Id and family come from the path, the rest from the decorator and the docstring."""
    path = write_check(tmp_path, "keys_vanish", needs="visits: Visits")
    check = loaded(tmp_path).checks["keys-vanish"]
    assert (check.id, check.family, check.path) == ("keys-vanish", "store", path)
    assert (check.title, check.doc) == ("The title of keys_vanish", "What it looks at.")
    assert (check.severity, check.role, check.survival) == (Severity.HIGH, "sign", False)


def test_needs_are_read_from_the_parameters(tmp_path: Path) -> None:
    """One piece, one of each subject, with or without: the types of the parameters say it."""
    needs = "a: Visits, b: tuple[RedisServer, ...], c: Census | None, d: tuple[Census, ...] | None, e: Topology"
    write_check(tmp_path, "needy", needs=needs)
    found = {n.name: (n.evidence, n.many, n.optional) for n in loaded(tmp_path).checks["needy"].needs}
    assert found == {
        "a": (Visits, False, False),
        "b": (RedisServer, True, False),
        "c": (Census, False, True),
        "d": (Census, True, True),
        "e": (Topology, False, False),
    }


def test_a_cause_page_is_front_matter_and_text(tmp_path: Path) -> None:
    """Words of likelihood and frequency become numbers."""
    write_check(tmp_path, "gone")
    write_cause(
        tmp_path,
        "eviction",
        findings="gone: often",
        more="modes: [sticky]\nstacks: [jetty, php]\nsymptoms: [state-lost]\nrole: trigger\n",
    )
    cause = loaded(tmp_path).causes["eviction"]
    assert (cause.family, cause.title, cause.severity) == ("store", "The store drops sessions", Severity.HIGH)
    assert (cause.prior, cause.role, cause.findings) == (0.05, "trigger", {"gone": 0.8})
    assert (cause.modes, cause.symptoms) == (("sticky",), ("state-lost",))
    assert cause.stacks == {"php", *JVM}
    assert cause.page.startswith("Words.")


def test_a_cause_may_show_itself_in_two_ways(tmp_path: Path) -> None:
    """Each with its own checks; together they are what its page is about."""
    write_check(tmp_path, "gone")
    write_check(tmp_path, "late")
    write_cause(tmp_path, "eviction", findings="gone: often", more="or_findings: {gone: rarely, late: always}\n")
    cause = loaded(tmp_path).causes["eviction"]
    assert cause.findings == {"gone": 0.8, "late": 0.98}
    assert [way.findings for way in cause.presentations] == [{"gone": 0.8}, {"gone": 0.1, "late": 0.98}]
    assert {way.id for way in cause.presentations} == {"eviction"}


def test_reading_one_check_loads_one_file(tmp_path: Path) -> None:
    """`check ID` must not pay for the others, nor fail because of them."""
    write_check(tmp_path, "wanted")
    write_module(tmp_path, "broken", "raise RuntimeError('loaded')")
    (check,) = Catalogue((tmp_path,)).select(["wanted"])
    assert check.id == "wanted"
    assert "sessiondoctor_checks.store.broken" not in sys.modules


def test_ids_are_known_without_loading_anything(tmp_path: Path) -> None:
    """A folder listing is enough."""
    write_module(tmp_path, "broken", "raise RuntimeError('loaded')")
    assert Catalogue((tmp_path,)).check_ids == ("broken",)


def test_a_family_stands_for_its_checks(tmp_path: Path) -> None:
    """Each check once, however often it is named."""
    write_check(tmp_path, "one")
    write_check(tmp_path, "two")
    write_check(tmp_path, "elsewhere", family="edge")
    chosen = Catalogue((tmp_path,)).select(["two", "store"])
    assert [check.id for check in chosen] == ["two", "one"]


def test_an_unknown_word_is_a_usage_error_with_the_nearest(tmp_path: Path) -> None:
    """And says where all are listed."""
    write_check(tmp_path, "keys_vanish")
    with pytest.raises(UsageError, match=r"no check or family 'keys-vanis'; did you mean 'keys-vanish'.*list checks"):
        Catalogue((tmp_path,)).select(["keys-vanis"])


def test_nothing_near_suggests_nothing() -> None:
    """No silly suggestion."""
    assert "did you mean" not in str(unknown("zzzz", ["keys-vanish"], "check", "list checks"))


def test_packs_add_to_each_other(tmp_path: Path) -> None:
    """A user's cause may name a check of another folder."""
    write_check(tmp_path / "ours", "gone")
    write_cause(tmp_path / "theirs", "eviction", findings="gone: always")
    catalogue = Catalogue((tmp_path / "ours", tmp_path / "theirs"))
    assert catalogue.causes["eviction"].findings == {"gone": 0.98}


@pytest.mark.parametrize("families", [("store", "store"), ("store", "edge")])
def test_an_id_is_taken_once(tmp_path: Path, families: tuple[str, str]) -> None:
    """Over all folders and families; the message names both files."""
    first = write_check(tmp_path / "a", "gone", family=families[0])
    second = write_check(tmp_path / "b", "gone", family=families[1])
    with pytest.raises(CatalogueError, match="the id gone is taken") as caught:
        _ = Catalogue((tmp_path / "a", tmp_path / "b")).check_ids
    assert str(first) in str(caught.value)
    assert str(second) in str(caught.value)


def test_a_cause_id_is_taken_once(tmp_path: Path) -> None:
    """Likewise."""
    write_cause(tmp_path, "eviction")
    write_cause(tmp_path, "eviction", family="edge")
    assert "the id eviction is taken by" in refused(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TWO, "expected exactly one function with @check, found 2"),
        ("x = 1\n", "expected exactly one function with @check, found 0"),
        (ONE.replace("def two", "def three"), "expected a function named two"),
        ("def f(:\n", "cannot be loaded: SyntaxError"),
        ("import no_such_module\n", "cannot be loaded: ModuleNotFoundError"),
        ("from sessiondoctor.api import nothing\n", "cannot be loaded: ImportError"),
    ],
)
def test_a_check_file_that_does_not_fit_is_named(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file and says what was expected."""
    path = write_module(tmp_path, "two", text)
    said = refused(tmp_path)
    assert said.startswith(str(path))
    assert message in said


def test_a_check_needs_a_docstring(tmp_path: Path) -> None:
    """Its first line is the title."""
    write_module(tmp_path, "two", ONE.replace('"One."', "pass"))
    assert "with a docstring" in refused(tmp_path)


@pytest.mark.parametrize(
    "needs",
    ["a: int", "a: str", "a: tuple[int, ...]", "a: list[Visits]", "a: Visits | Census | None", "a: 'Vists'", "a"],
)
def test_parameters_must_be_evidence(tmp_path: Path, needs: str) -> None:
    """Anything else could not be collected, and is said before anything is contacted."""
    path = write_check(tmp_path, "needy", needs=needs)
    said = refused(tmp_path)
    assert said.startswith(str(path))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("severity: hihg\n", "severity: expected one of critical, high, medium, low, not 'hihg'; did you mean 'high'?"),
        ("prior: often\n", "prior: expected one of textbook, common, uncommon, rare, not 'often'"),
        ("role: faul\n", "role: expected one of fault, trigger, advice, not 'faul'; did you mean 'fault'?"),
        ("modes: [stiky]\n", "modes: expected one of sticky, "),
        ("modes: sticky\n", "modes: expected a list"),
        ("stacks: [tomcatt]\n", "stacks: expected one of jvm, "),
        ("symptoms: [state-lots]\n", "not 'state-lots'; did you mean 'state-lost'?"),
        ("findings: {gone: allways}\n", "not 'allways'; did you mean 'always'?"),
        ("findings: [gone]\n", "findings: expected check: likelihood"),
        ("findings: {gon: always}\n", "there is no check or fact 'gon'; did you mean 'gone'?"),
        ("requires: [htps]\n", "requires: expected one of https, "),
        ("requires: [htps]\n", "not 'htps'; did you mean 'https'?"),
        ("explains: [evicton]\n", "there is no cause 'evicton'; did you mean 'eviction'?"),
        ("symptom: [state-lost]\n", "there is no key 'symptom'; did you mean 'symptoms'?"),
        ("title: [a\n", "front matter: no YAML"),
        ("title: 3\n", "title: expected a text"),
        ("title: ''\n", "title: expected a text"),
    ],
)
def test_a_mistake_in_front_matter_is_named(tmp_path: Path, more: str, message: str) -> None:
    """With the file, the key and the nearest word; a later key replaces the one of the template."""
    write_check(tmp_path, "gone")
    path = write_cause(tmp_path, "eviction", more=more)
    said = refused(tmp_path)
    assert said.startswith(f"{path}: ")
    assert message in said


@pytest.mark.parametrize("key", ["title", "severity"])
def test_required_keys_of_front_matter(tmp_path: Path, key: str) -> None:
    """A page without title or severity is none."""
    path = write_cause(tmp_path, "eviction")
    path.write_text(re.sub(rf"^{key}: .*\n", "", path.read_text(), flags=re.MULTILINE))
    assert refused(tmp_path) == f"{path}: front matter: {key} is missing"


@pytest.mark.parametrize("text", ["", "Words.\n", "---\ntitle: x\n", "---\n- a\n---\nWords.\n", "---\n---\nWords.\n"])
def test_a_page_without_front_matter_is_named(tmp_path: Path, text: str) -> None:
    """No traceback for a page that somebody has only begun."""
    path = write_page(tmp_path, "eviction", text)
    assert refused(tmp_path).startswith(f"{path}: ")


def test_a_misspelt_family_is_not_passed_over(tmp_path: Path) -> None:
    """Checks that are silently left out look like checks that pass."""
    write_check(tmp_path, "gone", family="stor")
    assert refused(tmp_path) == f"{tmp_path / 'stor'}: there is no family 'stor'; did you mean 'store'?"


def test_other_things_in_a_pack_do_not_matter(tmp_path: Path) -> None:
    """A README, compiled files, a hidden folder."""
    write_check(tmp_path, "gone")
    (tmp_path / "README.md").touch()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / ".git").mkdir()
    assert loaded(tmp_path).check_ids == ("gone",)


def test_the_builtin_folder_is_found() -> None:
    """In a checkout as in an installation."""
    assert builtin().name == "checks"
    assert builtin().is_dir()
