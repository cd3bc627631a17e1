"""Loads checks and cause pages from folders; a file's place is its registration.

    checks/<family>/<check_id>.py           one check
    checks/<family>/causes/<cause-id>.md    one cause: front matter (YAML) and page (Markdown)
    checks/signatures/<product>.yaml        the log lines of one product, and what they prove
    checks/products/<product>.md            what is known of one product: front matter (YAML) and page

A user's pack is a folder of the same shape. What does not fit raises `CatalogueError` naming the file.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import types
import typing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

from sessiondoctor import api
from sessiondoctor.catalogue.front_matter import CauseRole, read_page
from sessiondoctor.errors import CatalogueError, UsageError
from sessiondoctor.model import Severity
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.catalogue.signatures import Signature
    from sessiondoctor.products.page import Product

SIGNATURES = "signatures"
PRODUCTS = "products"
FAMILIES = ("affinity", "edge", "keys", "store", "replication", "serialization", "time", "app", "network")


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


SEES = 0.9
"""How often a check sees a fact that is there."""


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """One root cause.

    Attributes:
        requires: preconditions (`sessiondoctor.diagnosis.preconditions`) without which it cannot be.
        contradicts: modes that say the contrary: whoever declares `sticky` says that clients are kept.
        findings: check -> the probability that it fails when this cause is present, or fact -> the probability that
            it is there; of several ways the highest.
        ways: the same for each way in which the cause can show itself, where there are several: a cookie may be too
            large from the start, or become it as the session grows.
    """

    id: str
    family: str
    title: str
    severity: Severity
    prior: float
    role: CauseRole
    modes: tuple[str, ...]
    stacks: frozenset[str]
    stores: frozenset[str]
    symptoms: tuple[str, ...]
    findings: dict[str, float]
    explains: tuple[str, ...]
    page: str
    path: Path
    ways: tuple[dict[str, float], ...] = ()
    requires: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()

    def expects(self, check: str, fact: str = "") -> float:
        """The probability that a check fails when this cause is present: by itself, or by the fact that it shows."""
        return 1.0 - (1.0 - self.findings.get(check, 0.0)) * (1.0 - SEES * self.findings.get(fact, 0.0))

    @property
    def presentations(self) -> tuple[Cause, ...]:
        """The cause once for each way in which it can show itself."""
        return tuple(replace(self, findings=way, ways=()) for way in self.ways) or (self,)


def builtin() -> Path:
    """The folder of the checks that come with the package, installed or in a checkout."""
    package = Path(__file__).parents[1]
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
    def signatures(self) -> Mapping[str, Signature]:
        """The log lines that are known; validated against the causes and checks that exist."""
        from sessiondoctor.catalogue.signatures import read_signatures

        found: dict[str, Signature] = {}
        paths = dict(self._check_files)
        for path in (path for folder in self.folders for path in sorted((folder / SIGNATURES).glob("*.yaml"))):
            for signature in read_signatures(path):
                _claim(paths, signature.id, path)
                _known_names(path, "cause", signature.causes, self._cause_files)
                found[signature.id] = signature
        return found

    @cached_property
    def products(self) -> Mapping[str, Product]:
        """What is known of products; validated against the causes that exist."""
        from sessiondoctor.catalogue.product_pages import read_product

        paths: dict[str, Path] = {}
        for path in (path for folder in self.folders for path in sorted((folder / PRODUCTS).glob("*.md"))):
            _claim(paths, path.stem, path)
        found = {id_: read_product(path) for id_, path in paths.items()}
        for product in found.values():
            for setting in product.equal:
                _known_names(product.path, "cause", setting.causes, self._cause_files)
        return found

    def product(self, name: str) -> Product:
        """What is known of one product.

        Raises:
            UsageError: there is no page of it; with did-you-mean.
        """
        if name not in self.products:
            raise unknown(name, self.products, "product", "list products")
        return self.products[name]

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

    def needing(self, evidence: str) -> tuple[str, ...]:
        """Ids of the checks whose files name this type of evidence; loads none of them."""
        word = re.compile(rf"\b{re.escape(evidence)}\b")
        return tuple(id_ for id_, path in self._check_files.items() if word.search(path.read_text(encoding="utf-8")))

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
            ("check or fact", cause.findings, (*self._check_files, *api.FACTS)),
            ("cause", cause.explains, causes),
        ):
            _known_names(cause.path, kind, names, known)


def _known_names(path: Path, kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise CatalogueError(f"{path}: there is no {kind} {name!r}{did_you_mean(name, known)}")


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


def _fact(name: str, path: Path) -> str:
    if name and name not in api.FACTS:
        raise CatalogueError(f"{path}: shows: there is no fact {name!r}{did_you_mean(name, api.FACTS)}")
    return name


def _blocked(found: api.Declared, path: Path) -> tuple[type[Any], ...]:
    if bool(found.blocks) != (found.role == "blocks") or not all(map(_is_evidence, found.blocks)):
        raise CatalogueError(f'{path}: role="blocks" goes with blocks=(E, ...) of evidence types E')
    return found.blocks


def load_cause(id_: str, path: Path) -> Cause:
    """Reads one cause page."""
    front, page = read_page(path)
    return Cause(
        id=id_,
        family=path.parent.parent.name,
        title=front.title,
        severity=front.severity,
        prior=front.prior,
        role=front.role,
        modes=front.modes,
        stacks=front.stacks,
        stores=front.stores,
        symptoms=front.symptoms,
        findings=_highest(front.findings, front.or_findings),
        explains=front.explains,
        page=page,
        path=path,
        ways=(front.findings, front.or_findings) if front.or_findings else (),
        requires=front.requires,
        contradicts=front.contradicts,
    )


def _highest(*ways: dict[str, float]) -> dict[str, float]:
    checks = dict.fromkeys(check for way in ways for check in way)
    return {check: max(way.get(check, 0.0) for way in ways) for check in checks}


def _files(folders: Iterable[Path], pattern: str) -> Iterator[Path]:
    for folder in folders:
        _all_families(folder)
        for family in FAMILIES:
            yield from sorted((folder / family).glob(pattern))


def _all_families(folder: Path) -> None:
    """A misspelt family would be passed over in silence."""
    for path in sorted(folder.iterdir()):
        if (
            path.is_dir()
            and path.name not in {*FAMILIES, SIGNATURES, PRODUCTS}
            and not path.name.startswith((".", "_"))
        ):
            raise CatalogueError(f"{path}: there is no family {path.name!r}{did_you_mean(path.name, FAMILIES)}")


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
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        sys.modules.pop(name, None)
        raise CatalogueError(f"{path}: cannot be loaded: {type(error).__name__}: {error}") from error
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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The rest of an error message: the known word that is nearest; empty if none is near."""
    from sessiondoctor.topology import hints

    return hints.did_you_mean(word, list(known))
