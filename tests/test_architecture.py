"""The house: which room may know which, what is loaded when, and the shape of the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from sessiondoctor import api

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sessiondoctor"
SOURCES = sorted((*PACKAGE.rglob("*.py"), *(ROOT / "checks").rglob("*.py")))
NETWORK = {"asyncio", "dns", "h11", "h2", "httpcore", "httpx", "ntplib", "redis", "socket", "ssl", "urllib.request"}
HEAVY = {
    "chdb",
    "clickhouse_connect",
    "cryptography",
    "dns",
    "duckdb",
    "fakeredis",
    "h11",
    "h2",
    "httpcore",
    "httpx",
    "jinja2",
    "joserfc",
    "markdown_it",
    "mcp",
    "ntplib",
    "opentelemetry",
    "prometheus_client",
    "publicsuffixlist",
    "pydantic",
    "pyspark",
    "re2",
    "redis",
    "rich",
    "selectolax",
    "sqlalchemy",
    "sqlglot",
    "trino",
    "trustme",
    "yaml",
}
LONGEST = 60
LONGEST_MODULE = 400
CROWDED = 25
JUDGING = ("api", "catalogue", "diagnosis", "errors", "evidence", "model", "outcome", "pipeline.judge")
RUNNING = ("pipeline.collect", "pipeline.plan", "pipeline.scan", "pipeline.offline")

PROGRAM = "import sys; before = set(sys.modules); import {}; print(*sorted(set(sys.modules) - before))"


def name_of(path: Path) -> str:
    """The dotted name of a source file, relative to the root."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.AST) -> set[str]:
    """Every module that a file imports, wherever in it; of `from a import b` both `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def parsed(path: Path) -> ast.Module:
    """A source file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def of(*rooms: str) -> list[Path]:
    """The source files of these modules and packages."""
    return [path for path in SOURCES if any(f"{name_of(path)}.".startswith(f"sessiondoctor.{room}.") for room in rooms)]


def within(names: set[str], modules: set[str]) -> set[str]:
    """Those of the names that are one of these modules or inside one."""
    return {name for name in names if any(f"{name}.".startswith(f"{module}.") for module in modules)}


def loaded_by(module: str) -> set[str]:
    """What importing a module loads, in a fresh interpreter."""
    command = [sys.executable, "-c", PROGRAM.format(module)]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.split())


def test_the_rooms_exist() -> None:
    """Otherwise the tests below would test nothing."""
    rooms = (
        "probes",
        "diagnosis",
        "catalogue",
        "evidence",
        "cli",
        "report",
        "wire",
        "demo",
        "stores",
        "outcome",
        "formats",
    )
    for room in (*rooms, *JUDGING, *RUNNING):
        assert of(room)
    assert len(of("probes")) > 10


def test_evidence_and_its_probe_stand_in_the_same_room() -> None:
    """The plan finds the one by the name of the other."""
    rooms = {path.parent.name for path in of("evidence") if path.parent.name != "evidence"}
    assert rooms == {path.parent.name for path in of("probes") if path.parent.name != "probes"} - {"browser"}


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCES} - {ROOT / "checks"}), ids=str)
def test_no_folder_is_crowded(folder: Path) -> None:
    """Twenty-five modules can be taken in at a glance; families of checks are lists, not rooms."""
    if PACKAGE in (folder, *folder.parents):
        assert len(list(folder.glob("*.py"))) <= CROWDED


@pytest.mark.parametrize("path", of(*JUDGING), ids=name_of)
def test_whoever_judges_asks_nobody(path: Path) -> None:
    """Pure functions from evidence to answers: no network, no event loop, no probes, no command line."""
    outside = {f"sessiondoctor.{room}" for room in ("probes", "wire", "cli", "demo", "stores", *RUNNING)}
    assert not within(imported(parsed(path)), NETWORK | outside)


@pytest.mark.parametrize("path", of("probes", "wire", "formats"), ids=name_of)
def test_whoever_asks_judges_nothing(path: Path) -> None:
    """Probes fill evidence; they know no check, no finding, no cause."""
    rooms = ("api", "catalogue", "cli", "demo", "diagnosis", "outcome", "pipeline", "report")
    assert not within(imported(parsed(path)), {f"sessiondoctor.{room}" for room in rooms} | {"checks"})


@pytest.mark.parametrize("path", of("formats"), ids=name_of)
def test_codecs_ask_nobody(path: Path) -> None:
    """Bytes in, values out."""
    assert not within(imported(parsed(path)), NETWORK | {"sessiondoctor.probes", "sessiondoctor.wire"})


@pytest.mark.parametrize("path", of("configs"), ids=name_of)
def test_readers_of_configuration_are_pure(path: Path) -> None:
    """Text in, facts out: no network, no judgement, nothing executed."""
    rooms = (
        "api",
        "catalogue",
        "cli",
        "demo",
        "diagnosis",
        "outcome",
        "pipeline",
        "probes",
        "report",
        "wire",
        "stores",
    )
    outside = {f"sessiondoctor.{room}" for room in rooms} | {"subprocess", "importlib.util", "runpy", "pickle"}
    assert not within(imported(parsed(path)), NETWORK | outside)


def test_recognising_a_format_loads_no_heavy_library() -> None:
    """A parser is loaded by the reader that needs it, when it reads."""
    assert not within(loaded_by("sessiondoctor.configs.files"), HEAVY | NETWORK | {"crossplane", "hcl2", "xml"})


@pytest.mark.parametrize("path", of("stores"), ids=name_of)
def test_stores_know_nobody_above_them(path: Path) -> None:
    """How to talk with a store is the same, whatever it is asked for."""
    rooms = ("api", "catalogue", "cli", "demo", "diagnosis", "outcome", "pipeline", "probes", "report")
    assert not within(imported(parsed(path)), {f"sessiondoctor.{room}" for room in rooms})


@pytest.mark.parametrize("path", of("report"), ids=name_of)
def test_renderers_know_the_report_only(path: Path) -> None:
    """They add nothing to what was judged."""
    allowed = {"sessiondoctor.model", "sessiondoctor.evidence.location", "sessiondoctor.report", "sessiondoctor.errors",
               "sessiondoctor.catalogue.page", "sessiondoctor.catalogue.loader",
               "sessiondoctor.catalogue.check_files"}  # fmt: skip
    ours = within(imported(parsed(path)), {"sessiondoctor"}) - {"sessiondoctor.__version__", "sessiondoctor"}
    assert ours == within(ours, allowed)


@pytest.mark.parametrize("path", of("evidence"), ids=name_of)
def test_evidence_knows_only_itself(path: Path) -> None:
    """It is what a bundle holds."""
    ours = within(imported(parsed(path)), {"sessiondoctor"})
    assert ours == within(ours, {"sessiondoctor.evidence"})


@pytest.mark.parametrize("path", [path for path in SOURCES if path not in of("demo", "cli", "kubectl")], ids=name_of)
def test_nothing_in_a_scan_knows_the_demo_or_the_command_line(path: Path) -> None:
    """They stand outside."""
    names = imported(parsed(path)) - {"sessiondoctor.cli.main", "sessiondoctor.cli"}
    assert not within(names, {"sessiondoctor.demo", "sessiondoctor.cli"})


def test_broad_excepts_stand_where_they_are_documented() -> None:
    """Around a probe, around a check, what a thread carries over, and the last resort; each with its reason."""
    found: dict[str, int] = {}
    for path in SOURCES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _only_cleans_up(node):
                found[name_of(path)] = found.get(name_of(path), 0) + 1
    assert found == {
        "sessiondoctor.pipeline.collect": 1,
        "sessiondoctor.pipeline.judge": 1,
        "sessiondoctor.catalogue.bounded": 1,
        "sessiondoctor.catalogue.check_files": 1,
        "sessiondoctor.artefacts.dispatch": 1,
        "sessiondoctor.cli.app": 1,
        "sessiondoctor.configs.reading": 1,
        "sessiondoctor.stores.thread": 1,
    }


def _is_broad(caught: ast.expr | None) -> bool:
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(
        each is None or (isinstance(each, ast.Name) and each.id in {"Exception", "BaseException"}) for each in names
    )


def _only_cleans_up(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_function_is_long(path: Path) -> None:
    """Sixty lines, with docstring."""
    functions = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    long = {node.name: node.end_lineno - node.lineno for node in functions if node.end_lineno}
    assert {name: lines for name, lines in long.items() if lines >= LONGEST} == {}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_module_is_long(path: Path) -> None:
    """Four hundred lines, with docstrings: more is two subjects."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_the_command_line_loads_no_heavy_library() -> None:
    """`--help` and mistakes of usage must not wait for what a scan needs."""
    loaded = loaded_by("sessiondoctor.cli.app")
    assert "typer" in loaded
    assert not within(loaded, HEAVY | {"asyncio", "ssl", "sessiondoctor.wire", "sessiondoctor.catalogue.loader"})


def test_the_core_of_a_scan_loads_no_heavy_library() -> None:
    """A scan of a bare URL never needs most of them."""
    assert not within(loaded_by("sessiondoctor.pipeline.scan"), HEAVY)


def test_the_api_for_checks_is_light_and_pure() -> None:
    """Not even indirectly does a check get hold of the network."""
    assert not within(
        loaded_by("sessiondoctor.api, sessiondoctor.pipeline.judge, sessiondoctor.diagnosis.opinion"), HEAVY | NETWORK
    )


def test_a_topology_of_a_url_needs_neither_yaml_nor_validation() -> None:
    """The loader is for files."""
    assert not within(loaded_by("sessiondoctor.topology.target"), HEAVY | NETWORK)


def test_a_linter_loads_no_scan() -> None:
    """It is run at each commit: neither probes, nor a diagnosis, nor an event loop, nor evidence that no file holds."""
    loaded = loaded_by("sessiondoctor.pipeline.in_hand, sessiondoctor.library, sessiondoctor.cli.lint")
    rooms = {f"sessiondoctor.{room}" for room in ("diagnosis", "evidence.stores", "probes", "stores", "wire")}
    assert not within(loaded, HEAVY | NETWORK | rooms)


def test_the_api_names_where_its_evidence_is() -> None:
    """What a type checker reads and what is loaded agree, and all of it is there."""
    tree = parsed(PACKAGE / "api.py")
    typed = {
        (node.module.removeprefix("sessiondoctor.evidence."), alias.name)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    listed = {(module, name) for module, names in api._EVIDENCE.items() for name in names.split()}
    assert typed == listed
    assert all(getattr(api, name) for name in api.__all__)
