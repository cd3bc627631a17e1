"""One check: its file is imported, and says what the check is and which evidence it needs."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import types
import typing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

from sessiondoctor import api
from sessiondoctor.catalogue.bounded import bounded
from sessiondoctor.errors import CatalogueError, NotLoadedError
from sessiondoctor.model import Severity
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    shows: str = ""
    blocks: tuple[type[Any], ...] = ()


@cache
def builtin() -> Path:
    """The folder of the checks that come with the package, installed or in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "checks"
    return installed if installed.is_dir() else package.parent / "checks"


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
        doc=inspect.cleandoc(doc),
        severity=found.severity,
        role=found.role,
        false_alarm=found.false_alarm,
        survival=found.survival,
        needs=tuple(_needs(found.judge, path)),
        judge=found.judge,
        path=path,
        shows=_fact(found.shows, path),
        blocks=_blocked(found, path),
    )


def not_loaded(id_: str, path: Path, error: NotLoadedError) -> Check:
    """A check whose answer is the error."""

    def judge() -> typing.NoReturn:
        raise error

    title = "The module of this check does not load"
    return Check(id_, path.parent.name, title, "", Severity.LOW, "sign", 0.0, False, (), judge, path)  # noqa: FBT003


def _fact(name: str, path: Path) -> str:
    if name and name not in api.FACTS:
        from sessiondoctor.topology.hints import did_you_mean

        raise CatalogueError(f"{path}: shows: there is no fact {name!r}{did_you_mean(name, list(api.FACTS))}")
    return name


def _blocked(found: api.Declared, path: Path) -> tuple[type[Any], ...]:
    if bool(found.blocks) != (found.role == "blocks") or not all(map(_is_evidence, found.blocks)):
        raise CatalogueError(f'{path}: role="blocks" goes with blocks=(E, ...) of evidence types E')
    return found.blocks


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
    execute = partial(spec.loader.exec_module, module)
    try:
        if builtin() in path.parents:
            execute()
        else:
            bounded(execute)
    except Exception as error:
        sys.modules.pop(name, None)
        raise NotLoadedError(f"{path}: cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def _needs(judge: api.Judge, path: Path) -> Iterator[Need]:
    try:
        hints = typing.get_type_hints(judge)
    except NameError as error:
        raise CatalogueError(f"{path}: {error}") from error
    for name in inspect.signature(judge).parameters:
        yield _need(name, hints.get(name), path)


def _need(name: str, hint: Any, path: Path) -> Need:
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] if _is_union(hint) else [hint]
    optional = _is_union(hint) and len(kinds) < len(get_args(hint))
    many = get_origin(kinds[0]) is tuple
    kind = get_args(kinds[0])[0] if many else kinds[0]
    if len(kinds) > 1 or not _is_evidence(kind):
        raise CatalogueError(f"{path}: parameter {name}: expected E, tuple[E, ...] or E | None of an evidence type E")
    return Need(name, kind, many=many, optional=optional)


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in {typing.Union, types.UnionType}


def _is_evidence(kind: Any) -> bool:
    return kind is Topology or (isinstance(kind, type) and kind.__module__.startswith("sessiondoctor.evidence."))
