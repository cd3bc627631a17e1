"""What the catalogue knows of a cause or a check that a report names: its title, its page.

A report file may come from anywhere, of any version: an id that the catalogue has not is just an id.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.catalogue.page import sections

if TYPE_CHECKING:
    from pathlib import Path

    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.catalogue.loader import Cause


class Known:
    """The built-in catalogue and the user's packs; reads just the pages that are asked for."""

    def __init__(self, packs: tuple[Path, ...] = ()) -> None:
        self._packs = packs

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue((builtin(), *self._packs), tolerant=True)

    def cause(self, id_: str) -> Cause | None:
        """The cause of this id."""
        return self._catalogue.cause(id_)

    def check(self, id_: str) -> Check | None:
        """The check of this id."""
        return self._catalogue.check(id_)

    def page(self, cause: str) -> str:
        """A cause's whole page, Markdown; empty if there is none."""
        found = self.cause(cause)
        return found.page if found else ""

    def lead(self, cause: str) -> str:
        """What a cause's page begins with: what is wrong, in a sentence or two; empty if there is none."""
        return " ".join(sections(self.page(cause))[""].split()) if self.page(cause) else ""

    def title(self, id_: str) -> str:
        """The title of a cause or a check; empty if there is none."""
        found = self.cause(id_) or self.check(id_)
        return found.title if found else ""

    def titled(self, id_: str) -> str:
        """`Title (id)`, or the id alone."""
        title = self.title(id_)
        return f"{title} ({id_})" if title else id_
