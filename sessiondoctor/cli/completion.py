"""What a shell offers after Tab: ids, families, formats, faults, symptoms. Names of files are the shell's own affair.

Each is asked while somebody waits for a key to answer: it lists names and loads no check, no page, no demo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.catalogue.loader import Catalogue


def checks(incomplete: str) -> list[str]:
    """Ids of checks, and families."""
    from sessiondoctor.catalogue.loader import FAMILIES

    return _starting((*FAMILIES, *_catalogue().check_ids), incomplete)


def pages(incomplete: str) -> list[str]:
    """Whatever `explain` has a page for."""
    from sessiondoctor.catalogue.product_pages import names_of_products

    known = _catalogue()
    return _starting((*known.cause_ids, *known.check_ids, *names_of_products(known.folders)), incomplete)


def faults(incomplete: str) -> list[str]:
    """What the demo can do wrong; nothing where it is not installed."""
    try:
        from sessiondoctor.demo.faults import FAULTS
    except ImportError:
        return []
    return _starting(("none", *FAULTS), incomplete)


def symptoms(incomplete: str) -> list[str]:
    """What users may report."""
    from sessiondoctor.topology.model import Symptom

    return _starting(get_args(Symptom), incomplete)


def formats(incomplete: str) -> list[str]:
    """The report's formats; after `FORMAT=` comes a file."""
    from sessiondoctor.report import FORMATS

    return _starting(FORMATS, incomplete)


def kinds_of_files(incomplete: str) -> list[str]:
    """What `judge --as` takes."""
    from sessiondoctor.artefacts.dispatch import formats as known

    return _starting((one.name for one in known()), incomplete)


def _catalogue() -> Catalogue:
    from sessiondoctor.catalogue.check_files import builtin
    from sessiondoctor.catalogue.loader import Catalogue

    return Catalogue((builtin(),))


def _starting(words: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]
