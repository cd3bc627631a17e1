"""Loads checks and cause pages from folders; a file's place is its registration.

    checks/<family>/<check_id>.py           one check
    checks/<family>/causes/<cause-id>.md    one cause: front matter (YAML) and page (Markdown)

A user's pack is a folder of the same shape. What does not fit raises `CatalogueError` naming the file.
"""

from __future__ import annotations

import importlib.util
import sys
import types
import typing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from sessiondoctor import api
from sessiondoctor.errors import CatalogueError, UsageError
from sessiondoctor.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FAMILIES = ("affinity", "edge", "keys", "store", "replication", "serialization", "time", "app", "network")
LIKELIHOOD = {"always": 0.98, "often": 0.8, "sometimes": 0.4, "rarely": 0.1, "never": 0.01}
PRIOR = {"common": 0.04, "uncommon": 0.015, "rare": 0.004}

CauseRole = Literal["fault", "trigger", "advice"]


@dataclass(frozen=True, slots=True)
class Need:
    """One parameter of a check: the evidence it stands for, one piece or one of each subject, required or not."""

    name: str
    evidence: type[Any]
    many: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One question. `title` states the fault it looks for; `doc` is the rest of the docstring."""

    id: str
    family: str
    title: str
    doc: str
    severity: Severity
    role: api.Role
    false_alarm: float
    survival: bool
    needs: tuple[Need, ...]
    judge: api.Judge
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """One root cause. `findings` maps a check to the probability that it fails when this cause is present."""

    id: str
    family: str
    title: str
    severity: Severity
    prior: float
    role: CauseRole
    modes: tuple[str, ...]
    symptoms: tuple[str, ...]
    findings: dict[str, float]
    explains: tuple[str, ...]
    page: str
    path: Path


def builtin() -> Path:
    """The folder of the checks that come with the package, installed or in a checkout."""
    package = Path(__file__).parent
    installed = package / "checks"
    return installed if installed.is_dir() else package.parent / "checks"


@dataclass(frozen=True)
class Catalogue:
    """All checks and causes of some folders; each is read when it is first asked for."""

    folders: tuple[Path, ...]

    @cached_property
    def _check_files(self) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for path in _files(self.folders, "*.py"):
            _claim(files, path.stem.replace("_", "-"), path)
        return files

    @cached_property
    def _cause_files(self) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for path in _files(self.folders, "causes/*.md"):
            _claim(files, path.stem, path)
        return files

    @cached_property
    def check_ids(self) -> tuple[str, ...]:
        """Ids of all checks, by family and name."""
        return tuple(self._check_files)

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """Every check."""
        return {id_: load_check(id_, path) for id_, path in self._check_files.items()}

    @cached_property
    def causes(self) -> Mapping[str, Cause]:
        """Every cause; validated against the checks that exist."""
        causes = {id_: load_cause(id_, path) for id_, path in self._cause_files.items()}
        for cause in causes.values():
            self._validate(cause, causes)
        return causes

    def select(self, words: Iterable[str]) -> tuple[Check, ...]:
        """The checks that ids and family names stand for; loads only these.

        Raises:
            UsageError: a word is neither; with did-you-mean.
        """
        chosen: dict[str, Check] = {}
        for word in words:
            for id_ in self._named(word):
                chosen[id_] = load_check(id_, self._check_files[id_])
        return tuple(chosen.values())

    def _named(self, word: str) -> tuple[str, ...]:
        if word in self._check_files:
            return (word,)
        family = tuple(id_ for id_, path in self._check_files.items() if path.parent.name == word)
        if family:
            return family
        raise unknown(word, (*self._check_files, *FAMILIES), "check or family", "list checks")

    def _validate(self, cause: Cause, causes: Mapping[str, Cause]) -> None:
        for kind, names, known in (
            ("check", cause.findings, self._check_files),
            ("cause", cause.explains, causes),
        ):
            for name in names:
                if name not in known:
                    raise CatalogueError(f"{cause.path}: there is no {kind} {name!r}{did_you_mean(name, known)}")


def unknown(word: str, known: Iterable[str], kind: str, listing: str) -> UsageError:
    """The error for a name that does not exist."""
    return UsageError(f"there is no {kind} {word!r}{did_you_mean(word, known)}; `sessiondoctor {listing}` shows all")


def load_check(id_: str, path: Path) -> Check:
    """Imports one check file and reads what it declares."""
    module = _import(path)
    declared = [value for value in vars(module).values() if isinstance(value, api.Declared)]
    if len(declared) != 1:
        raise CatalogueError(f"{path}: expected exactly one function with @check, found {len(declared)}")
    (found,) = declared
    title, _, doc = (found.judge.__doc__ or "").strip().partition("\n")
    if not title or path.stem != found.judge.__name__:
        raise CatalogueError(f"{path}: expected a function named {path.stem} with a docstring")
    return Check(
        id=id_,
        family=path.parent.name,
        title=title.rstrip("."),
        doc=_dedent(doc),
        severity=found.severity,
        role=found.role,
        false_alarm=found.false_alarm,
        survival=found.survival,
        needs=tuple(_needs(found.judge, path)),
        judge=found.judge,
        path=path,
    )


def load_cause(id_: str, path: Path) -> Cause:
    """Reads one cause page."""
    front, page = _split(path)
    try:
        return Cause(
            id=id_,
            family=path.parent.parent.name,
            title=front["title"],
            severity=Severity(front["severity"]),
            prior=PRIOR[front.get("prior", "uncommon")],
            role=front.get("role", "fault"),
            modes=tuple(front.get("modes", ())),
            symptoms=tuple(front.get("symptoms", ())),
            findings={check: LIKELIHOOD[word] for check, word in front.get("findings", {}).items()},
            explains=tuple(front.get("explains", ())),
            page=page,
            path=path,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise CatalogueError(f"{path}: front matter: {error!r} is missing or not one of the known words") from error


def _files(folders: Iterable[Path], pattern: str) -> Iterator[Path]:
    for folder in folders:
        for family in FAMILIES:
            yield from sorted((folder / family).glob(pattern))


def _claim(files: dict[str, Path], id_: str, path: Path) -> None:
    if id_ in files:
        raise CatalogueError(f"{path}: the id {id_} is taken by {files[id_]}")
    files[id_] = path


def _import(path: Path) -> types.ModuleType:
    name = f"sessiondoctor_checks.{path.parent.name}.{path.stem}"
    known = sys.modules.get(name)
    if known and known.__file__ == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and typing look their module up while it is executed
    spec.loader.exec_module(module)
    return module


def _needs(judge: api.Judge, path: Path) -> Iterator[Need]:
    for name, hint in typing.get_type_hints(judge).items():
        if name != "return":
            yield _need(name, hint, path)


def _need(name: str, hint: Any, path: Path) -> Need:
    optional = False
    if get_origin(hint) in {typing.Union, types.UnionType} and type(None) in get_args(hint):
        optional = True
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is tuple:
        return Need(name, get_args(hint)[0], many=True, optional=optional)
    if not isinstance(hint, type):
        raise CatalogueError(f"{path}: parameter {name}: expected an evidence type, not {hint!r}")
    return Need(name, hint, many=False, optional=optional)


def _split(path: Path) -> tuple[dict[str, Any], str]:
    import yaml  # 20 ms that listing and running checks do not need

    _, front, page = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.load(front, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), page.strip()  # noqa: S506 - safe loaders


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The rest of an error message: the known word that is nearest; empty if none is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _dedent(text: str) -> str:
    import inspect

    return inspect.cleandoc(text)
