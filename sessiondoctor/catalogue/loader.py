"""Loads checks and cause pages from folders; a file's place is its registration.

    checks/<family>/<check_id>.py           one check
    checks/<family>/causes/<cause-id>.md    one cause: front matter (YAML) and page (Markdown)
    checks/signatures/<product>.yaml        the log lines of one product, and what they prove
    checks/products/<product>.md            what is known of one product: front matter (YAML) and page

A user's pack is a folder of the same shape. What does not fit raises `CatalogueError` naming the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor import api
from sessiondoctor.catalogue.check_files import Check, load_check, not_loaded
from sessiondoctor.catalogue.front_matter import CauseRole, check_requires, read_page
from sessiondoctor.errors import CatalogueError, NotLoadedError, UsageError
from sessiondoctor.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.catalogue.signatures import Signature
    from sessiondoctor.products.page import Product

SIGNATURES = "signatures"
PRODUCTS = "products"
FAMILIES = ("affinity", "edge", "keys", "store", "replication", "serialization", "time", "app", "network")


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


@dataclass(frozen=True)
class Catalogue:
    """All checks and causes of some folders; each is read when it is first asked for.

    Attributes:
        tolerant: a check whose module does not load is an error in the report, and the others stand.
    """

    folders: tuple[Path, ...]
    tolerant: bool = False

    @cached_property
    def check_files(self) -> dict[str, Path]:
        """The file of each check, by its id."""
        files: dict[str, Path] = {}
        for path in _files(self.folders, "*.py"):
            _claim(files, path.stem.replace("_", "-"), path)
        return files

    def texts(self) -> Iterator[str]:
        """The text of every check, page and table of log lines."""
        for suffix in ("py", "md", "yaml"):
            for folder in self.folders:
                yield from (path.read_text(encoding="utf-8") for path in sorted(folder.rglob(f"*.{suffix}")))

    @cached_property
    def _cause_files(self) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for path in _files(self.folders, "causes/*.md"):
            _claim(files, path.stem, path)
        return files

    @cached_property
    def signatures(self) -> Mapping[str, Signature]:
        """The log lines that are known; validated against the causes and checks that exist."""
        from sessiondoctor.catalogue.product_lines import lines_of
        from sessiondoctor.catalogue.signatures import read_signatures

        found: dict[str, Signature] = {}
        paths = dict(self.check_files)
        for path in (path for folder in self.folders for path in sorted((folder / SIGNATURES).glob("*.yaml"))):
            for signature in read_signatures(path):
                _claim(paths, signature.id, path)
                _known_names(path, "cause", signature.causes, self._cause_files)
                found[signature.id] = signature
        for line in tuple(lines_of(self.products.values(), found.values())):
            _claim(paths, line.id, line.path)
            found[line.id] = line
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
        return tuple(self.check_files)

    @property
    def cause_ids(self) -> tuple[str, ...]:
        """Ids of all causes, by family and name."""
        return tuple(self._cause_files)

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """Every check."""
        return {id_: self._load(id_) for id_ in self.check_files}

    @cached_property
    def causes(self) -> Mapping[str, Cause]:
        """Every cause; validated against the checks that exist."""
        causes = {id_: load_cause(id_, path) for id_, path in self._cause_files.items()}
        for cause in causes.values():
            self._validate(cause, causes)
        return causes

    def check(self, id_: str) -> Check | None:
        """The check of this id; loads no other."""
        return self._load(id_) if id_ in self.check_files else None

    def cause(self, id_: str) -> Cause | None:
        """The cause of this id; loads no other."""
        return load_cause(id_, self._cause_files[id_]) if id_ in self._cause_files else None

    def needing(self, evidence: str) -> tuple[str, ...]:
        """Ids of the checks whose files name this type of evidence; loads none of them."""
        word = re.compile(rf"\b{re.escape(evidence)}\b")
        return tuple(id_ for id_, path in self.check_files.items() if word.search(path.read_text(encoding="utf-8")))

    def select(self, words: Iterable[str]) -> tuple[Check, ...]:
        """The checks that ids and family names stand for; loads only these.

        Raises:
            UsageError: a word is neither; with did-you-mean.
        """
        chosen: dict[str, Check] = {}
        for word in words:
            for id_ in self._named(word):
                chosen[id_] = self._load(id_)
        return tuple(chosen.values())

    def _load(self, id_: str) -> Check:
        path = self.check_files[id_]
        try:
            return load_check(id_, path)
        except NotLoadedError as error:
            if not self.tolerant:
                raise
            return not_loaded(id_, path, error)

    def _named(self, word: str) -> tuple[str, ...]:
        if word in self.check_files:
            return (word,)
        family = tuple(id_ for id_, path in self.check_files.items() if path.parent.name == word)
        if family:
            return family
        raise unknown(word, (*self.check_files, *FAMILIES), "check or family", "list checks")

    def _validate(self, cause: Cause, causes: Mapping[str, Cause]) -> None:
        try:
            check_requires(cause.requires)
        except ValueError as error:
            raise CatalogueError(f"{cause.path}: front matter: {error}") from error
        for kind, names, known in (
            ("check or fact", cause.findings, (*self.check_files, *api.FACTS)),
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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The rest of an error message: the known word that is nearest; empty if none is near."""
    from sessiondoctor.topology import hints

    return hints.did_you_mean(word, list(known))
