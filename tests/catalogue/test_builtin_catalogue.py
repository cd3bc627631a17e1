"""What every check and every cause page that comes with the package must have."""

from __future__ import annotations

import ast
import re
import shlex
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from sessiondoctor.api import FACTS
from sessiondoctor.catalogue.check_files import Check, builtin
from sessiondoctor.catalogue.loader import FAMILIES, Catalogue, Cause
from sessiondoctor.catalogue.page import items, sections, solution_of, verify_of
from sessiondoctor.cli.app import app
from sessiondoctor.topology.model import bare

ROOT = Path(__file__).parents[2]
CATALOGUE = Catalogue((builtin(),))
CHECKS = CATALOGUE.check_ids
CAUSES = tuple(sorted(path.stem for path in builtin().glob("*/causes/*.md")))
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
SECTIONS = ["what users see", "why", "fix", "prove the fix", "not a problem when", "look-alikes", "references"]
FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMPUTING = {"collections", "collections.abc", "itertools", "math", "re", "statistics", "urllib.parse"}
BY_HAND = re.compile(r"\b(curl|redis-cli|dig|chronyc|grep)\b")

each_check = pytest.mark.parametrize("check_id", CHECKS)
each_cause = pytest.mark.parametrize("cause_id", CAUSES)


def check_of(check_id: str) -> Check:
    """The check, loaded when its test runs: a broken file fails one test, not all."""
    (check,) = CATALOGUE.select([check_id])
    return check


def cause_of(cause_id: str) -> Cause:
    """The cause."""
    return CATALOGUE.causes[cause_id]


def section(cause_id: str, heading: str) -> str:
    """One section of a cause's page."""
    return sections(cause_of(cause_id).page)[heading]


def parsed(words: list[str]) -> Any:
    """What the command line makes of `check` with these words; runs nothing."""
    program: Any = typer.main.get_command(app)
    return program.commands["check"].make_context("check", words)


def test_the_catalogue_is_as_large_as_promised() -> None:
    """At least 35 checks and 30 causes."""
    assert len(CHECKS) >= 35
    assert len(CAUSES) >= 30


@each_check
def test_a_check_is_named_by_a_cause(check_id: str) -> None:
    """Otherwise its failure leads nowhere."""
    check = check_of(check_id)
    named = any({check_id, check.shows} & set(cause.findings) for cause in CATALOGUE.causes.values())
    assert named or check.role == "blocks", f"write `{check_id}: always` under findings of a page in checks/*/causes"


@each_check
def test_a_check_has_a_kebab_id_and_a_title(check_id: str) -> None:
    """The title states the fault: a sentence without a full stop, on one line."""
    check = check_of(check_id)
    assert KEBAB.fullmatch(check_id)
    assert check.title[0].isupper()
    assert not check.title.endswith((".", "?"))
    assert len(check.title) <= 110


@each_check
def test_a_check_says_what_it_looks_at(check_id: str) -> None:
    """`explain` has more to show than the title."""
    told = "below the docstring's first line, say what is looked at and when it does not apply, in ten words at least"
    assert len(check_of(check_id).doc.split()) >= 10, told


@cache
def _statuses() -> dict[str, set[tuple[str, str]]]:
    """For each check the folder and the status of each of its cases in `tests/checks/<family>/test_*.py`."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path in sorted((ROOT / "tests" / "checks").glob("*/test_*.py")):
        module = import_module(f"tests.checks.{path.parent.name}.{path.stem}")
        for param in getattr(module, "CASES", ()):
            case = param.values[0]
            found.setdefault(case.check, set()).add((path.parent.name, case.status))
    return found


@each_check
def test_a_check_has_cases(check_id: str) -> None:
    """One that fails, one that passes; what is missing is tried for all checks alike in `test_judge`."""
    family = check_of(check_id).family
    missing = {(family, "fail"), (family, "pass")} - _statuses().get(check_id, set())
    assert not missing, f'add `case("{check_id}", ...)` to a table in tests/checks/{family}/test_*.py'
    assert {folder for folder, _ in _statuses()[check_id]} == {family}


@each_check
def test_a_check_imports_nothing_but_the_api(check_id: str) -> None:
    """Of ours; and of the standard library only what computes."""
    tree = ast.parse(check_of(check_id).path.read_text(encoding="utf-8"))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names <= {"sessiondoctor.api", *COMPUTING}


@each_check
def test_a_check_is_pure(check_id: str) -> None:
    """No file, no clock, no randomness, no output: the same evidence gives the same answer."""
    names = {node.id for node in ast.walk(ast.parse(check_of(check_id).path.read_text())) if isinstance(node, ast.Name)}
    assert not names & {"open", "print", "exec", "eval", "input", "globals", "setattr", "__import__"}


@each_cause
def test_a_cause_is_seen_by_a_check(cause_id: str) -> None:
    """At least one check or log line must be able to tell it, and it names only checks and causes that exist."""
    cause = cause_of(cause_id)
    lines = [one.causes[cause_id] for one in CATALOGUE.signatures.values() if cause_id in one.causes]
    assert max([*cause.findings.values(), *lines]) >= 0.8
    assert set(cause.findings) <= {*CHECKS, *FACTS}
    assert set(cause.explains) <= set(CAUSES) - {cause_id}


@each_cause
def test_a_cause_has_a_kebab_id_and_a_title(cause_id: str) -> None:
    """The title states the fault."""
    assert KEBAB.fullmatch(cause_id)
    assert not cause_of(cause_id).title.endswith((".", "?"))


@each_cause
def test_a_page_has_its_sections(cause_id: str) -> None:
    """All of them, in this order, none empty; Alternatives may stand between."""
    found = sections(cause_of(cause_id).page)
    assert [heading for heading in found if heading not in {"", "alternatives"}] == SECTIONS
    assert all(found.values())


@each_cause
def test_a_fix_has_a_summary_and_steps(cause_id: str) -> None:
    """The first line is the way out; a list says how, or one for each stack."""
    cause = cause_of(cause_id)
    solution = solution_of(cause, ())
    assert solution.summary, "under `## Fix`, begin with a sentence"
    others = tuple(items(sections(cause.page).get("alternatives", "")))
    stacks = solution.alternatives[: len(solution.alternatives) - len(others)]
    assert solution.steps or stacks, "under `## Fix`, behind that sentence, number the steps"
    assert all(one.partition(": ")[2] for one in stacks), "below each `### stack`, number the steps"


def test_no_page_is_a_copy() -> None:
    """Whoever copies a neighbour says something else in its title and in its first line."""
    titles = Counter(cause.title for cause in CATALOGUE.causes.values())
    firsts = Counter(cause.page.strip().partition("\n")[0] for cause in CATALOGUE.causes.values())
    assert [text for text, count in (*titles.items(), *firsts.items()) if count > 1] == []


@each_cause
def test_the_proof_is_a_command_of_ours_and_one_by_hand(cause_id: str) -> None:
    """Ours names checks that exist; the other needs no sessiondoctor."""
    ours, *others = FENCE.findall(section(cause_id, "prove the fix"))
    assert others, "under `## Prove the fix`, a second block: a command by hand, such as curl or redis-cli"
    program, *words = shlex.split(ours, comments=True)
    assert (program, words[0]) == ("sessiondoctor", "check")
    with parsed(words[1:]) as command:
        assert command.params["target"] == "sessiondoctor.yaml"
        assert set(command.params["ids"]) <= {*CHECKS, *FAMILIES}
        named = {name for id_ in command.params["ids"] if id_ in CHECKS for name in (id_, check_of(id_).shows)}
        findings = set(cause_of(cause_id).findings)
        assert (named | set(command.params["ids"])) & findings or not findings
    assert any(BY_HAND.search(other) for other in others)


@each_cause
def test_the_proof_is_for_the_users_own_target(cause_id: str) -> None:
    """The report's command can be run as it stands."""
    command = verify_of(cause_of(cause_id), bare("https://shop.test/"))
    assert command.startswith("sessiondoctor check ")
    assert command.endswith(" -t https://shop.test/")


@each_cause
def test_look_alikes_exist(cause_id: str) -> None:
    """A bullet that begins with an id names another cause and says what decides."""
    bullets = re.findall(r"^- (.*)$", section(cause_id, "look-alikes"), re.MULTILINE)
    named = {match[1] for bullet in bullets if (match := re.match(r"`([^`]+)`: \S", bullet))}
    assert bullets
    assert named <= set(CAUSES) - {cause_id}


@each_cause
def test_code_fences_are_closed(cause_id: str) -> None:
    """Otherwise the rest of the page is code."""
    assert len(re.findall(r"^\s*```", cause_of(cause_id).page, re.MULTILINE)) % 2 == 0


def test_no_two_causes_look_the_same() -> None:
    """Causes with equal modes and equal likelihoods could never be told apart."""
    seen: dict[tuple[object, ...], str] = {}
    for cause in CATALOGUE.causes.values():
        if not cause.findings:
            continue  # its log lines tell it
        key = (cause.modes, tuple(sorted(cause.findings.items())))
        assert key not in seen, f"{cause.id} looks like {seen[key]}"
        seen[key] = cause.id
