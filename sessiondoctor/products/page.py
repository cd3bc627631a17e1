"""What the page of one product says, as data; the keys are told in `sessiondoctor.catalogue.product_pages`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

MarkKind = Literal["cookie", "header", "text", "path"]
Place = Literal["memory", "files", "database", "cache", "cookie", "token", "none"]
Affinity = Literal["required", "unless-shared", "sockets", "no"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that a product is recognised by.

    Attributes:
        kind: the name of a cookie, a header, a text of a page, or the beginning of a path that a page leads to.
        pattern: of a cookie a name with `*`; of a header `name` or `name: text in its value`; else a literal text.
        certainty: how probable the product is where this is seen, 0..1.
    """

    kind: MarkKind
    pattern: str
    certainty: float


@dataclass(frozen=True, slots=True)
class State:
    """Where sessions live.

    Attributes:
        place: by default.
        told: the same in words, to follow the product's name.
        shared: how all nodes come to share them; empty where they do by default.
    """

    place: Place
    told: str
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What must be equal on all nodes.

    Attributes:
        name: as its configuration calls it.
        env: the environment variable that sets it; empty if there is none.
        told: what it is for, and what happens where it differs.
        causes: ids of causes whose fix this is.
    """

    name: str
    env: str
    told: str
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """One product.

    Attributes:
        id: the name of its page.
        stack: what it runs on, as the topology calls it; empty if no known stack.
        version: a pattern (RE2) whose first group is the version, looked for in headers and pages.
        affinity: whether a balancer must keep a client on a node.
        errors: what it says or logs where state is lost.
        flow: a harmless flow without an account, as `site.flow` of a topology; empty if there is none.
        account: how somebody signs in, as `site.flow`, to be shown; empty if the page does not tell.
        framework: it is what many products are made with; one of these is named rather.
        page: the text.
    """

    id: str
    title: str
    stack: str
    marks: tuple[Mark, ...]
    session_cookies: tuple[str, ...]
    csrf_cookies: tuple[str, ...]
    state: State
    equal: tuple[Setting, ...]
    affinity: Affinity
    errors: tuple[str, ...] = ()
    version: str = ""
    flow: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    framework: bool = False
    page: str = ""
    path: Path = Path()

    def says(self) -> str:
        """Where its sessions live and what must be equal, in one line."""
        equal = f"; every node needs the same {self.needed()}" if self.equal else ""
        return f"{self.state.told}{equal}"

    def needed(self) -> str:
        """The names of what must be equal on all nodes."""
        return _listed([f"`{setting.name}`" for setting in self.equal])


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
