"""The lines that come with the package, for whoever reads logs without a catalogue at hand."""

from __future__ import annotations

from functools import cache

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.logs.finder import Finder


@cache
def known_lines() -> Finder:
    """Finds all of them."""
    return Finder(tuple(Catalogue((builtin(),)).signatures.values()))
