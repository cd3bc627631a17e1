"""The register of preconditions: a word, and the function that answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from sessiondoctor.diagnosis.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterable

Answer = Literal["yes", "no", "unknown"]
Precondition = Callable[[Scene], Answer]
PRECONDITIONS: dict[str, Precondition] = {}


def word(function: Precondition) -> Precondition:
    """Register a function under its name, with dashes."""
    PRECONDITIONS[function.__name__.replace("_", "-")] = function
    return function


def yes_if(facts: Iterable[Any]) -> Answer:
    """Yes if one of them is so; else unknown: it may be where nobody looked."""
    return "yes" if any(facts) else "unknown"


def of_stack(scene: Scene, stacks: Iterable[str]) -> Answer:
    """Whether the site runs on one of these."""
    if not scene.stack or scene.stack == "other":
        return "unknown"
    return "yes" if scene.stack in stacks else "no"
